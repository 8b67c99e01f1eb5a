"""The command line.

A folder is a group of the help, and a file in it is a verb: `verbs.py` finds them, and has the
three lines that a verb needs. The verbs of custody need no file: `kind_verbs.py` makes them from
the kinds. `main.py` runs what was found; `session.py` finds the ledger and the key.
"""

from __future__ import annotations
