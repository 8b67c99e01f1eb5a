"""Verbs that record events."""
