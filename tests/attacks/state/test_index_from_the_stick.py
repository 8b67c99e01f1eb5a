"""A stick brings the item index that an auditor is to be answered from, where the key that it names
would have it: what an auditor is told is read from the segments, into the auditor's own folder.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from chainlog.index.index import Items
from chainlog.index.schema import index_path
from chainlog.ledger.ledger import Ledger


def doctor(scene):
    scene.name_key("k/key.pem")
    items = scene.stick / "k" / "items"
    with (
        Ledger.open(scene.stick, marks=scene.stick / "k" / "marks") as ledger,
        Items.of(ledger),
    ):
        pass
    with closing(sqlite3.connect(index_path(items, scene.stick))) as db, db:
        db.execute("DELETE FROM mention")
        db.execute("UPDATE subject SET holder = NULL, status = NULL, view = NULL")
        db.execute("DELETE FROM stale")


def test_a_doctored_index_is_not_asked(scene):
    told = scene.run("holdings", "--as-of", "2099-01-01", folder=scene.honest).out
    doctor(scene)
    before = scene.files()
    assert scene.run("holdings", "--as-of", "2099-01-01", folder=scene.stick).out == told
    assert scene.files() == before


def test_the_auditors_own_is_asked_again(scene):
    """The honest twin: what was read is kept in the auditor's home, a ledger's under its name."""
    first = scene.run("holdings", "--as-of", "2099-01-01", folder=scene.stick).out
    assert index_path(scene.home / "items", scene.stick).is_file()
    assert scene.run("holdings", "--as-of", "2099-01-01", folder=scene.stick).out == first
