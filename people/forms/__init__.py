"""Input to clean data: of sign-in and account pages, and of files that admins bring."""
