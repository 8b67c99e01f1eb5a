"""How a new ledger begins, so that whatever ends it early, it can be begun again.

    HOME/begun/<64 hex>    the record of entry 0, until `ledger.toml` is there

Entry 0 has a salt and a time of its own, and so names another chain each time that it is made. It
is kept before anything is written in the chain's folder: who tries again goes on with the same
chain, and none is left half made. It lies in the user's own state, under the SHA-256 of the
folder's path: whoever hands a folder over would else say which chain is begun there, one of the
user's that has entries elsewhere.
"""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from chainlog.errors import FormatError, NoChainError, Sentence, StoreError
from chainlog.format.body import open_body
from chainlog.format.keys import signature_holds
from chainlog.format.record import format_record, parse_record
from chainlog.ledger.config import keep_ledger_file
from chainlog.ledger.own_turn import copy_at
from chainlog.store import durable
from chainlog.store.engine import EMPTY, Head
from chainlog.store.segment.files import real_path
from chainlog.store.segment.raw import CHAINS

if TYPE_CHECKING:
    from pathlib import Path

    from chainlog.format.entry import Entry
    from chainlog.ledger.ledger import Ledger
    from chainlog.ledger.marks import Marks

_FOLDER: Final = "begun"


def begun_at(marks: Marks, folder: Path) -> Path:
    """Where it is kept how the ledger in a folder begins."""
    name = sha256(os.fsencode(real_path(folder))).hexdigest()
    return marks.state.home / _FOLDER / name


def already_there(folder: Path) -> StoreError:
    """That a ledger is there already."""
    return StoreError(
        "{place} is a ledger already",
        place=folder,
        quoted=shlex.quote(str(folder)),
        hint="name another folder; what this is, 'chainlog --ledger {quoted} status' says",
    )


def begin(folder: Path, marks: Marks, entry: Entry, body: bytes) -> tuple[Entry, bytes]:
    """Keep entry 0 and its body, durably; or give those of an attempt that did not finish.

    Raises StoreError where that one meant another chain.
    """
    with StoreError.from_os("{path} cannot be written: {why}", path=folder):
        durable.make_folder(folder)
    path = begun_at(marks, folder)
    with StoreError.from_os("{path} cannot be written: {why}", path=path):
        kept = _kept(path)
        chain = folder / CHAINS / kept[0].id.hex() if kept is not None else folder
        # One that was opened to the end, and is not here any more, is begun no second time.
        if kept is None or (marks.has(kept[0].id) and not chain.exists()):
            durable.make_folder(path.parent)
            durable.replace(path, format_record(entry.raw, body))
            return entry, body
    if _meaning(*kept) != _meaning(entry, body):
        raise StoreError(
            "another chain was begun in {folder}, and not opened to the end",
            folder=folder,
            hint=Sentence(
                "say of it what was said then; or let go of it: rm -r {left}",
                left=" ".join(
                    shlex.quote(str(one.absolute())) for one in (path, chain) if one.exists()
                ),
            ),
        )
    return kept


def open_chain(ledger: Ledger, entry: Entry, body: bytes, told: bytes) -> None:
    """Append entry 0, unless an attempt before did, and make it a ledger.

    `told`: its `ledger.toml`. Raises StoreError, with the ledger closed.
    """
    try:
        try:
            head = ledger.engine.prepare(entry.id)
        except NoChainError:
            head = EMPTY
        if head == EMPTY:
            head = ledger.engine.append(entry.id, EMPTY, [(entry.raw, body)])
        _check_begun(ledger, head, entry)
        if ledger.marks is not None:
            ledger.marks.grow(entry.id, head, copy_at(ledger, entry.id))
        if ledger.folder is not None and ledger.marks is not None:
            keep_ledger_file(ledger.folder, told)
            # How it began is in its chain now.
            with suppress(OSError):
                begun_at(ledger.marks, ledger.folder).unlink(missing_ok=True)
    except BaseException:
        ledger.close()
        raise


def _check_begun(ledger: Ledger, head: Head, entry: Entry) -> None:
    """Raise StoreError where a chain has more than entry 0, which is all that was written in it."""
    if head != Head(1, entry.id):
        raise StoreError(
            "{place} holds more of this chain than its beginning, which is all that was written "
            "in it",
            place=ledger.engine.place,
            hint="name another folder",
        )


def _kept(path: Path) -> tuple[Entry, bytes] | None:
    """What is kept; None for nothing, or what is damaged. Raises OSError."""
    try:
        record = parse_record(path.read_bytes())
        entry = record.parsed
        open_body(record.body, entry.header.body)
    except (FileNotFoundError, FormatError):
        return None
    holds = signature_holds(entry.header.author, entry.signature, entry.signed)
    return (entry, record.body) if holds else None


def _meaning(entry: Entry, body: bytes) -> tuple[bytes, object]:
    return entry.header.author, open_body(body, entry.header.body).fields()
