"""Verbs that hand it over."""
