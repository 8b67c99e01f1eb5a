"""The index is believed while the bytes that it was made from lie there, and its file is ours."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from support.programmes import item, key, signer

from chainlog.errors import StoreError
from chainlog.events.event import Event
from chainlog.format.body import withhold
from chainlog.index import taken
from chainlog.index.index import Items
from chainlog.index.schema import open_catalogue
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks

MINE = signer("eye", "owner")
OPENING = {
    "origin": "test.example/eye",
    "site": "eye",
    "holders": [{"name": "eye"}],
    "keys": [{"key": MINE.key_id, "roles": ["owner", "custodian"]}],
}
ENTRIES = 12


def registration(number):
    fields = {
        "event_time": "2023-01-02T08:00:00Z",
        "owner": "donor",
        "holder": "eye",
        "monitoring": "routine",
        "note": f"found in hall {number}",
        "lines": [item(f"SN-{number}")],
    }
    return Event.parse("register", fields)


class Place:
    """A ledger of several segments, and the home of whoever looks at it."""

    def __init__(self, base):
        self.folder, self.marks = base / "ledger", base / "home" / "marks"
        with Ledger.create(self.folder, OPENING, MINE, marks=self.marks) as ledger:
            self.chain = ledger.chain
            ledger.engine._segment_limit = 1500
            ledger.engine.close()
            for number in range(ENTRIES - 1):
                ledger.append(registration(number))
        assert len(self.segments) > 2

    def open(self, key=None):
        ledger = Ledger.open(self.folder, key, marks=self.marks)
        ledger.engine._segment_limit = 1500
        return ledger

    @property
    def segments(self):
        return sorted((self.folder / "chains" / self.chain.hex()).glob("*.seg"))

    @property
    def catalogue(self):
        (path,) = (self.marks.parent / "items").glob("*.sqlite")
        return path

    def held(self):
        """The items that the index has, and what it says of the chain."""
        with self.open() as ledger, Items.of(ledger) as items:
            (chain,) = items.chains()
            return sorted(one.key for one in items.views.holdings("eye")), chain

    def notes(self):
        """The notes of all registrations that are read from the index."""
        with self.open() as ledger, Items.of(ledger) as items:
            return [act.text("note") for act in items.book().acts("register")]

    def replace(self, bodies):
        with self.open() as ledger:
            ledger.engine.replace(self.chain, ledger.head, bodies)

    def body(self, index):
        with self.open() as ledger:
            (record,) = ledger.engine.read(self.chain, index, index + 1)
            return record.body, record.parsed.header.body

    def less(self, index):
        """The body of an entry without its note."""
        body, commitment = self.body(index)
        return withhold(body, commitment, {"note"})


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def hashed(monkeypatch):
    """The lengths that were hashed."""
    lengths, real = [], taken._hash

    def counting(segment, length):
        lengths.append(length)
        return real(segment, length)

    monkeypatch.setattr(taken, "_hash", counting)
    return lengths


KEYS = sorted(key(f"SN-{n}") for n in range(ENTRIES - 1))


def test_the_digests_are_of_the_bytes_of_each_segment(place):
    place.held()
    with closing(sqlite3.connect(place.catalogue)) as db:
        rows = db.execute("SELECT first, length FROM taken ORDER BY first").fetchall()
    assert rows == [(int(path.stem), path.stat().st_size) for path in place.segments]


def test_what_was_withheld_and_arrives_is_read(place):
    """The ids are the same; what is held of the bodies is not."""
    whole = place.body(5)[0]
    place.replace({5: place.less(5)})
    assert place.notes().count("") == 1
    place.replace({5: whole})
    assert "" not in place.notes()


@pytest.mark.parametrize("index", [1, 5, ENTRIES - 1])
def test_what_is_withheld_later_is_not_said_any_more(place, index):
    assert "" not in place.notes()
    place.replace({index: place.less(index)})
    assert place.notes().count("") == 1


def test_it_goes_on_from_where_it_was(place, hashed):
    """Of a chain with a mark nothing is hashed twice that the file system says is as it was."""
    assert place.held()[0] == KEYS
    place.held()
    sizes = [path.stat().st_size for path in place.segments]
    assert [length for length in hashed if length] == sizes, "once, at the next opening"
    hashed.clear()
    place.held()
    assert hashed == []
    with place.open(MINE) as ledger:
        ledger.append(registration(ENTRIES))
    assert len(place.held()[0]) == ENTRIES
    assert [length for length in hashed if length] in ([sizes[-1]], [])


def test_without_a_mark_all_is_hashed_each_time(place, hashed):
    place.held()
    shutil.rmtree(place.marks)
    place.held()
    hashed.clear()
    place.held()
    assert hashed == [path.stat().st_size for path in place.segments]


def test_a_date_set_back_is_not_believed_without_a_mark(place):
    place.held()
    shutil.rmtree(place.marks)
    path = place.segments[1]
    before, data = path.stat(), path.read_bytes()
    at = data.index(b"found in hall")
    path.write_bytes(data[:at] + b"F" + data[at + 1 :])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    keys, chain = place.held()
    assert len(keys) < len(KEYS)
    assert chain.ends is not None


def test_an_engine_without_segments(tmp_path):
    with Ledger.create("memory:", OPENING, MINE, marks=tmp_path / "marks") as ledger:
        ledger.append_many(registration(n) for n in range(3))
        with Items.of(ledger) as items:
            assert items.chains()[0].size == 4
            (record,) = ledger.engine.read(ledger.chain, 2, 3)
            less = withhold(record.body, record.parsed.header.body, {"note"})
            ledger.engine.replace(ledger.chain, ledger.head, {2: less})
            items.catch_up()
            assert [act.text("note") for act in items.book().acts("register")].count("") == 1
            ledger.append(registration(3))
            items.catch_up()
            assert items.chains()[0].size == 5


def test_a_chain_that_cannot_be_read_on_says_so_until_it_can(place):
    path = place.segments[-1]
    data = path.read_bytes()
    path.write_bytes(data + b"what is this?")
    keys, chain = place.held()
    assert (keys, chain.size, chain.problem) == (KEYS, ENTRIES, "unreadable")
    assert "no entry 12 of this chain" in str(chain.ends)
    path.write_bytes(data)
    assert place.held()[1].ends is None


def test_one_chain_that_cannot_be_read_keeps_nobody_from_the_others(place):
    other = bytes(32).hex()
    (place.folder / "chains" / other).mkdir()
    (place.folder / "chains" / other / place.segments[0].name).write_bytes(bytes(100))
    with place.open() as ledger, Items.of(ledger) as items:
        assert [chain.size for chain in items.chains()] == [0, ENTRIES]
        assert len(items.unreadable()) == 1
        assert items.notices == items.unreadable()


# The file


def view(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TABLE stale")
        db.execute(
            "CREATE VIEW stale AS WITH RECURSIVE n(subject) AS "
            "(SELECT 1 UNION ALL SELECT subject + 1 FROM n) SELECT subject FROM n"
        )


def trigger(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TRIGGER t AFTER UPDATE ON chain BEGIN DELETE FROM mention; END")


def column(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("ALTER TABLE chain ADD COLUMN more TEXT")


def index(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE INDEX more ON subject (upper(key))")


def page(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA page_size = 65536")
        db.execute("VACUUM")
        assert db.execute("PRAGMA page_size").fetchone() == (65536,)


def version(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 7")


def unmade(path):
    """Tables, and the version of a file that has none."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA user_version = 0")


def of_another(path):
    path.unlink()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE moz_places (id INTEGER PRIMARY KEY, url TEXT)")


def text(path):
    path.write_text("shopping list\n" * 1000, encoding="utf-8")


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def head(path):
    data = path.read_bytes()
    path.write_bytes(data[:100] + os.urandom(3996) + data[4096:])


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def link(path):
    moved = path.with_name("elsewhere")
    path.rename(moved)
    path.symlink_to(moved)


def pipe_beside(path):
    path.with_name(f"{path.name}-wal").unlink(missing_ok=True)
    os.mkfifo(path.with_name(f"{path.name}-wal"))


SPOILT = [
    *(view, trigger, column, index, page, version, unmade, of_another),
    *(text, cut, head, pipe, link, pipe_beside),
]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda one: one.__name__)
def test_a_file_that_is_not_ours_is_made_anew(place, spoil):
    place.held()
    path = place.catalogue
    # A clerk's own thing, that only an index that is believed would have.
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE subject SET holder = 'thief' WHERE no = 1")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert len(place.held()[0]) == len(KEYS) - 1
    spoil(path)
    assert place.held()[0] == KEYS
    assert path.is_file()
    assert not path.is_symlink()
    with closing(open_catalogue(path)) as db:
        assert db.execute("PRAGMA page_size").fetchone() == (4096,)


def test_a_folder_in_its_place_is_left_and_said(place):
    place.held()
    path = place.catalogue
    for one in path.parent.glob("*"):
        one.unlink()
    path.mkdir()
    with place.open() as ledger, Items.of(ledger) as items:
        assert items.path is None
        assert "made anew in memory" in items.notices[0]
        assert items.chains()[0].size == ENTRIES


def test_damage_that_only_a_question_meets_is_said_and_gone_the_next_time(place):
    place.held()
    path = place.catalogue
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE entry SET fields = x'ff00ff' WHERE no = 3")
    with pytest.raises(StoreError, match="was damaged, and is removed"):
        place.notes()
    assert not path.exists()
    assert len(place.notes()) == ENTRIES - 1


def test_a_mark_that_cannot_be_read_is_none(place):
    place.held()
    Marks(place.marks).path(place.chain).write_bytes(b"x")
    assert place.held()[0] == KEYS
