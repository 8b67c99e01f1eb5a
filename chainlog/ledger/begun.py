"""How a new ledger begins, so that whatever ends it early, it can be begun again.

    .ledger.toml.begun    the record of entry 0, until `ledger.toml` is there

Entry 0 has a salt and a time of its own, and so names another chain each time that it is made. It
is kept here before anything is written in the chain's folder: who tries again goes on with the same
chain, and none is left half made.
"""

from __future__ import annotations

import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import FormatError, NoChainError, Sentence, StoreError
from chainlog.format.body import open_body
from chainlog.format.record import format_record, parse_record
from chainlog.ledger.config import keep_ledger_file
from chainlog.ledger.own_turn import copy_at
from chainlog.store import durable
from chainlog.store.engine import EMPTY
from chainlog.store.segment.raw import CHAINS

if TYPE_CHECKING:
    from pathlib import Path

    from chainlog.format.entry import Entry
    from chainlog.ledger.ledger import Ledger

NAME: Final = ".ledger.toml.begun"


def already_there(folder: Path) -> StoreError:
    """That a ledger is there already."""
    return StoreError(
        "{place} is a ledger already",
        place=folder,
        quoted=shlex.quote(str(folder)),
        hint="name another folder; what this is, 'chainlog --ledger {quoted} status' says",
    )


def begin(folder: Path, entry: Entry, body: bytes) -> tuple[Entry, bytes]:
    """Keep entry 0 and its body, durably; or give those of an attempt that did not finish.

    Raises StoreError where that one meant another chain.
    """
    path = folder / NAME
    with StoreError.from_os("{path} cannot be written: {why}", path=path):
        durable.make_folder(folder)
        kept = _kept(path)
        if kept is None:
            durable.replace(path, format_record(entry.raw, body))
            return entry, body
    if _meaning(*kept) != _meaning(entry, body):
        chain = folder / CHAINS / kept[0].id.hex()
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
        if not head.size:
            head = ledger.engine.append(entry.id, EMPTY, [(entry.raw, body)])
        if ledger.marks is not None:
            ledger.marks.grow(entry.id, head, copy_at(ledger, entry.id))
        if ledger.folder is not None:
            keep_ledger_file(ledger.folder, told)
            # How it began is in its chain now.
            with suppress(OSError):
                (ledger.folder / NAME).unlink(missing_ok=True)
    except BaseException:
        ledger.close()
        raise


def _kept(path: Path) -> tuple[Entry, bytes] | None:
    """What is kept; None for nothing, or what is no record. Raises OSError."""
    try:
        record = parse_record(path.read_bytes())
        open_body(record.body, record.parsed.header.body)
    except (FileNotFoundError, FormatError):
        return None
    return record.parsed, record.body


def _meaning(entry: Entry, body: bytes) -> tuple[bytes, object]:
    return entry.header.author, open_body(body, entry.header.body).fields()
