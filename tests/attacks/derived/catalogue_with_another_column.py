"""The item index has a column of another name, as a program of somebody else's would make it,
under the right version. It ended in a traceback; it is made anew.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from attacks.derived.hand import AS_OF


def asks(_scene):
    return [("holdings", "--each", "--as-of", AS_OF, "--json"), ("holdings", "--as-of", AS_OF)]


def attack(scene):
    (path,) = scene.catalogues()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("ALTER TABLE signer RENAME COLUMN party TO unit")
