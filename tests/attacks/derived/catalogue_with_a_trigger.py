"""Somebody lays a trigger into the item index, which forgets a thing as soon as an entry names
it. It strikes when the chain grows. What was created in the file, and is not ours, is not
asked.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from attacks.derived.hand import AS_OF


def asks(_scene):
    return [("trace", "1ABC2/M777/SN-12", "--as-of", AS_OF, "--json")]


def attack(scene):
    for path in scene.catalogues():
        path.unlink()
    brigade = scene.chain("brigade")
    entries, bodies = list(brigade.entries), list(brigade.bodies)
    brigade.cut(brigade.size - 4)
    brigade.put()
    scene.ask(*asks(scene)[0])
    (path,) = scene.catalogues()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(
            "CREATE TRIGGER forget AFTER INSERT ON mention BEGIN "
            "DELETE FROM mention WHERE entry = new.entry; END"
        )
    brigade.entries, brigade.bodies = entries, bodies
    brigade.put()
