"""The command line: `main.py` finds the verb, `session.py` the ledger and the key, and each family of verbs has a file."""

from __future__ import annotations
