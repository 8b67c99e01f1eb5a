"""Verbs that check it."""
