"""Verbs that set up ledgers, keys, sites and witnesses."""
