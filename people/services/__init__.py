"""Changes of people, each whole or not at all."""
