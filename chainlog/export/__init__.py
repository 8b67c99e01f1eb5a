"""Prose only."""
