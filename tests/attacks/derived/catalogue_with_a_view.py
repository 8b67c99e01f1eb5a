"""Somebody puts a view in the place of a table of the item index, which leaves out one item. A
view is no table of ours, and is made anew with the rest.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from attacks.derived.hand import AS_OF


def asks(_scene):
    return [("trace", "1ABC2/M777/SN-2", "--as-of", AS_OF, "--json")]


def attack(scene):
    (path,) = scene.catalogues()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("ALTER TABLE mention RENAME TO told")
        db.execute("CREATE VIEW mention AS SELECT * FROM told WHERE entry % 2 = 0")
