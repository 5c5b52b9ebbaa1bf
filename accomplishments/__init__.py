"""What people did, what it is evidence for, and how that meets a role."""
