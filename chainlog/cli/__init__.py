"""The command line.

`main.py` finds the verb. `session.py` finds the ledger and the key. Each family of verbs has a
file.
"""

from __future__ import annotations
