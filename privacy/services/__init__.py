"""Archives, leaving, erasing: each whole or not at all."""
