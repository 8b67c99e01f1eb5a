"""The bytes, by FORMAT.md 1 to 7, a file a section.

Nothing here reads a file, a clock or randomness.
"""
