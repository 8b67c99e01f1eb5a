"""A user's chains, keys and marks: open, append, checkpoint, erase, verify what lies at a path."""
