"""Reading of all that is somebody's."""
