"""Reading of people."""
