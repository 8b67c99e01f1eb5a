"""The embedded engine: plain files, FORMAT.md 5."""
