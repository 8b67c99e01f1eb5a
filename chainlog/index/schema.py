"""The file of the index: its tables, and when it is not believed.

    chain       how far each chain was taken in: size, head, and why it ends there if it does
    governing   the governing entries of each chain, from which its roster is folded again
    signer      a key with its holder's name, party and roles, as a roster had them
    entry       one row an entry: place, id, clock, kind, document, and its fields without what
                lists things
    cite        which entry names which other by id
    mention     which entry names which thing, and what it says beside the name
    subject     a thing by its key, with its custody as of the last time it was folded
    balance     how much of a lot is where
    stale       things to be folded again
    attachment  which entry names which file
    taken       the bytes that all of it was made from (`taken.py`)

Other tables, views or triggers, another vocabulary or other rules than those that the file was made
by, another size of page, a damaged file, what is no file, or a chain whose bytes are no longer
those that were taken in: the file is deleted, and what it held is read again from the segments.
Nothing in the file is asked before its tables were compared.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Final

import chainlog
from chainlog.custody.act import PARTS
from chainlog.errors import StoreError
from chainlog.events.kinds import vocabulary
from chainlog.store.segment.files import real_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# The packages by whose rules an index is made of records.
_RULES: Final = ("format", "events", "custody", "index")
# Flags of an entry.
ABSENT: Final = 1  # its body is not held
UNKNOWN: Final = 2  # it does not fit the vocabulary of this version
WITHHELD: Final = 4  # some of its fields are withheld
CORRECTED: Final = 8  # a correction names it
CITED: Final = 16  # another entry names it
# `part` of a mention: its place in `act.PARTS`, and this more where it stands in a replacement.
REPLACING: Final = 8
_BUSY_SECONDS: Final = 30.0
_PAGE_BYTES: Final = 4096
# More than any field of ours is long, and than our tables and their indexes are many.
_LONGEST: Final = 2**27
_MOST_CREATED: Final = 100

_TABLES: Final = """
CREATE TABLE chain (no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, size INTEGER NOT NULL,
  head BLOB NOT NULL, origin TEXT NOT NULL, site TEXT NOT NULL, programme BLOB NOT NULL,
  time INTEGER NOT NULL, closed INTEGER, ends TEXT, problem TEXT);
CREATE TABLE governing (chain INTEGER, idx INTEGER, entry BLOB NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (chain, idx)) WITHOUT ROWID;
CREATE TABLE signer (no INTEGER PRIMARY KEY, chain BLOB NOT NULL, key BLOB NOT NULL,
  name TEXT NOT NULL, party TEXT NOT NULL, roles TEXT NOT NULL, programme BLOB NOT NULL,
  UNIQUE (chain, key, name, party, roles));
CREATE TABLE entry (no INTEGER PRIMARY KEY, chain INTEGER NOT NULL, idx INTEGER NOT NULL,
  id BLOB NOT NULL, time INTEGER NOT NULL, happened INTEGER NOT NULL, kind TEXT NOT NULL,
  signer INTEGER NOT NULL, document TEXT, lines INTEGER NOT NULL, flags INTEGER NOT NULL,
  fields BLOB NOT NULL);
CREATE UNIQUE INDEX entry_place ON entry (chain, idx);
CREATE UNIQUE INDEX entry_id ON entry (id);
CREATE INDEX entry_document ON entry (document) WHERE document IS NOT NULL;
CREATE INDEX entry_kind ON entry (kind);
CREATE INDEX entry_corrected ON entry (no) WHERE flags & 8;
CREATE TABLE cite (entry INTEGER, name TEXT, target BLOB,
  PRIMARY KEY (entry, name, target)) WITHOUT ROWID;
CREATE INDEX cite_target ON cite (target);
CREATE TABLE mention (entry INTEGER, at INTEGER, subject INTEGER NOT NULL, part INTEGER NOT NULL,
  line BLOB NOT NULL, PRIMARY KEY (entry, at)) WITHOUT ROWID;
CREATE INDEX mention_subject ON mention (subject);
CREATE TABLE subject (no INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, serial TEXT,
  holder TEXT, status TEXT, type TEXT, container TEXT, since BLOB,
  view BLOB, box INTEGER NOT NULL DEFAULT 0);
CREATE INDEX subject_serial ON subject (serial) WHERE serial IS NOT NULL;
CREATE INDEX subject_holder ON subject (holder, status) WHERE holder IS NOT NULL;
CREATE INDEX subject_container ON subject (container) WHERE container <> '';
CREATE INDEX subject_box ON subject (no) WHERE box = 1;
CREATE INDEX subject_since ON subject (since) WHERE since IS NOT NULL;
CREATE TABLE balance (subject INTEGER, unit TEXT, account TEXT, holder TEXT, quantity TEXT NOT NULL,
  since BLOB, PRIMARY KEY (subject, unit, account, holder)) WITHOUT ROWID;
CREATE INDEX balance_holder ON balance (holder);
CREATE TABLE withheld (entry INTEGER, name TEXT, count INTEGER NOT NULL,
  PRIMARY KEY (entry, name)) WITHOUT ROWID;
CREATE TABLE stale (subject INTEGER PRIMARY KEY);
CREATE TABLE attachment (digest BLOB, entry INTEGER, PRIMARY KEY (digest, entry)) WITHOUT ROWID;
CREATE INDEX attachment_entry ON attachment (entry);
CREATE TABLE taken (chain INTEGER, first INTEGER, length INTEGER NOT NULL, digest BLOB NOT NULL,
  state TEXT NOT NULL, PRIMARY KEY (chain, first)) WITHOUT ROWID;
"""


@cache
def version() -> int:
    """The version of the index: a number made of its tables, the vocabulary, and its rules.

    Where any of them is another, what an index holds may be, and it is read anew. The rules are
    the source that derives, as it lies here: so nobody has to remember to raise a number.
    """
    made_of = (_TABLES, PARTS, vocabulary(), chainlog.__version__, *_rules())
    # SQLite keeps a signed number of 32 bits, and 0 for a file that is new.
    return int.from_bytes(sha256(repr(made_of).encode()).digest()[:4], "big") >> 1 or 1


def _rules() -> Iterator[tuple[str, str]]:
    """The source that derives, each file with its digest."""
    for package in _RULES:
        found = resources.files(f"chainlog.{package}").iterdir()
        for one in sorted(found, key=lambda one: one.name):
            if one.name.endswith(".py"):
                yield f"{package}/{one.name}", sha256(one.read_bytes()).hexdigest()


def index_path(folder: Path, ledger: Path) -> Path:
    """Where the index of a ledger is kept below `folder`: named after where the ledger lies."""
    name = sha256(str(real_path(ledger)).encode(errors="surrogateescape")).hexdigest()[:32]
    return folder / f"{name}.sqlite"


def open_catalogue(path: Path | None) -> sqlite3.Connection:
    """The index at `path`, empty where there was none or it cannot be read; None is one in memory.

    Raises StoreError.
    """
    if path is None:
        return _create(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _open(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise
            discard(path)
            return _open(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            "the item index {path} cannot be opened: {error}",
            path=path,
            error=error,
            hint="it is derived: delete it, or make room",
        ) from None


def discard(path: Path) -> None:
    """Delete an index: what it holds is read again from the segments. Raises OSError."""
    for one in _files_of(path):
        try:
            one.unlink(missing_ok=True)
        except OSError:
            # A disk that may not be written says so even of what is not there.
            if _is_there(one):
                raise


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _files_of(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))]


def _open(path: Path) -> sqlite3.Connection:
    for one in _files_of(path):
        # A pipe would be waited for, and a link may lead anywhere.
        if one.is_symlink() or (one.exists() and not one.is_file()):
            raise sqlite3.DatabaseError(f"{one.name} is no file")
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
        db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")  # of one that is new
        is_new = _shape_of(db) == _empty()
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA cache_size = -65536")
        return _create(db) if is_new else db
    except BaseException:
        db.close()
        raise


def _shape_of(db: sqlite3.Connection) -> tuple[object, ...]:
    """The shape of a file: that of a new one, or of ours. Raises sqlite3.DatabaseError."""
    shape = _shape(db)
    if shape not in (_empty(), _whole()):
        raise sqlite3.DatabaseError("tables of another making")
    return shape


def _shape(db: sqlite3.Connection) -> tuple[object, ...]:
    """The version, the size of a page, and all that was ever created, as it was written."""
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name")
    told = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "page_size")]
    return (*told, tuple(rows.fetchmany(_MOST_CREATED)))


@cache
def _empty() -> tuple[object, ...]:
    return 0, _PAGE_BYTES, ()


@cache
def _whole() -> tuple[object, ...]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        return _shape(_create(db))


def in_sql(kinds: Iterable[str]) -> str:
    """Kinds as SQL's IN takes them."""
    return f"({', '.join(repr(kind) for kind in sorted(kinds))})"


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All that is written within, or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # A full disk has ended it already.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _create(db: sqlite3.Connection) -> sqlite3.Connection:
    with transaction(db):
        # Another process may have made them while this one waited.
        if db.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in _TABLES.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {version()}")
    return db
