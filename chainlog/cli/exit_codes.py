"""What the command's exit codes mean.

They stand here and nowhere else; nothing here is slow to import.
"""

from __future__ import annotations

from typing import Final

# Of any error that has no code of its own, and of an answer of no; of words that the command does
# not take.
ERROR: Final = 1
USAGE: Final = 2
# Of a verdict, whether of `verify`, of a sync, of a checkpoint or of a witness; the second also of
# an answer that leaves out what cannot be read.
TAMPERED: Final = 3
CANNOT_TELL: Final = 4
# `audit --fail-on` met findings.
FINDINGS: Final = 5
# All was done, and the answer, or some of it, could not be printed.
UNPRINTED: Final = 6
INTERRUPTED: Final = 130
# By the code of an error (errors.py), and by a verdict's value (verifier/report.py).
EXIT_OF_CODE: Final = {
    "no-ledger": 10,
    "locked": 11,
    "unreadable": CANNOT_TELL,
    "other-file": CANNOT_TELL,
}
EXIT_OF_VERDICT: Final = {"holds": 0, "tampered": TAMPERED, "cannot tell": CANNOT_TELL}
