"""Verbs that show what is held."""
