"""What a witness cosigned last of each log, in its user's own state and never in a ledger.

An old copy put back must not take it back.

    vkey                       the witness's verifier key, a line: its name is said once
    <log, 64 hex>.checkpoint   the checkpoint cosigned last, with the log's signature and ours
    <log, 64 hex>.begun        that there was one: where it is gone, nothing begins again from 0
    <log, 64 hex>.lock         an advisory lock of the operating system on an empty file

A log is named by the SHA-256 of its origin line. A checkpoint is replaced durably, under the lock,
before its cosignature is given out. What cannot be read back, or that no key of the witness
cosigned, is an error that names the file: to take it for 'none yet' would be to forget what was
cosigned.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from chainlog.errors import DamagedError, KeyfileError, LockedError, NoteError, StoreError
from chainlog.format.checkpoint import Checkpoint, parse_checkpoint
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import (
    VKEY_LIMIT,
    Note,
    VerifierKey,
    format_note,
    format_vkey,
    parse_note,
    parse_vkey,
)
from chainlog.store import durable
from chainlog.store.checkpoints import read_checkpoint
from chainlog.store.lock import take

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LOCK_SECONDS: Final = 10.0
_VKEY: Final = "vkey"
_LOG: Final = re.compile(r"[0-9a-f]{64}")
_ANEW: Final = (
    "put the newest copy back, or make the witness a new key: it cannot be known what this "
    "one cosigned"
)


@dataclass(frozen=True, slots=True)
class Latest:
    """What was cosigned last of a log.

    `time`: the latest at which a key of the witness did, POSIX seconds.
    """

    note: Note
    checkpoint: Checkpoint
    time: int


def log_of(origin_line: str) -> str:
    """By what a log is named here, and where it is fetched.

    The SHA-256 of its origin line in hex (C2SP tlog-witness).
    """
    return sha256(origin_line.encode()).hexdigest()


def latest_of(note: Note, keys: Sequence[VerifierKey]) -> Latest | None:
    """A checkpoint that one of these keys cosigned, None where none did.

    Raises NoteError for what is none, or does not hold.
    """
    cosigned = cosignatures_of(note, keys)
    return Latest(note, parse_checkpoint(note.text), cosigned[-1].time) if cosigned else None


class Cosigned:
    """The folder of one witness.

    `keys`: its verifier keys; one of them at least cosigned each checkpoint that is believed.
    """

    keys: tuple[VerifierKey, ...]

    def __init__(self, folder: Path, keys: Sequence[VerifierKey]) -> None:
        self.folder = folder
        self.keys = tuple(keys)

    def path(self, log: str) -> Path:
        """Where what was cosigned last of a log stands. Raises StoreError for what names none."""
        if _LOG.fullmatch(log) is None:
            raise StoreError("{log!r} names no log", log=log[:80])
        return self.folder / f"{log}.checkpoint"

    @contextmanager
    def locked(self, log: str) -> Iterator[None]:
        """Keep all others, in this process and elsewhere, from what was cosigned of a log.

        Raises LockedError, StoreError.
        """
        path = self.path(log).with_suffix(".lock")
        busy = LockedError(
            "{path} is held by another program", path=path, hint="wait until it is done"
        )
        with StoreError.from_os("{path} cannot be locked: {why}", path=path):
            durable.make_folder(self.folder)
            taken = take(path, LOCK_SECONDS, busy, "keep the witness on a local disk")
        try:
            yield
            with StoreError.from_os(
                "{path} was not held alone, so nothing is cosigned: {why}", path=path
            ):
                taken.check()
        finally:
            taken.release()

    def read(self, log: str) -> Latest | None:
        """What was cosigned last of a log, None where nothing was.

        Raises DamagedError for what cannot be believed.
        """
        path = self.path(log)
        try:
            path.lstat()
        except FileNotFoundError:
            if path.with_suffix(".begun").exists():
                raise DamagedError(
                    "{path} is gone: it says what this witness cosigned last", path=path, hint=_ANEW
                ) from None
            return None
        except OSError as error:
            raise DamagedError(
                "{path} cannot be read: {why}", path=path, why=error.strerror, hint=_ANEW
            ) from None
        try:
            latest = latest_of(parse_note(read_checkpoint(path)), self.keys)
        except (NoteError, StoreError) as error:
            raise DamagedError(
                "{path} does not say what this witness cosigned last: {why}",
                path=path,
                why=error.message,
                hint=_ANEW,
            ) from None
        if latest is None or log_of(latest.checkpoint.origin) != log:
            raise DamagedError(
                "{path} is no checkpoint of this log that this witness cosigned",
                path=path,
                hint=_ANEW,
            )
        return latest

    def put(self, log: str, note: Note) -> None:
        """Remember what is cosigned now, in place of what was, durably.

        Raises StoreError: then either may be found, and both are true.
        """
        path = self.path(log)
        with StoreError.from_os(
            "{path} cannot be written, so nothing is cosigned: {why}", path=path
        ):
            durable.make_folder(self.folder)
            durable.replace(path, format_note(note))
            begun = path.with_suffix(".begun")
            if not begun.exists():
                durable.create(begun)


# The witness's name


def kept_vkey(folder: Path) -> VerifierKey | None:
    """The verifier key that a witness's folder keeps, None where it has none yet.

    Raises KeyfileError for one that cannot be read.
    """
    path = folder / _VKEY
    try:
        with path.open("rb") as file:
            data = file.read(VKEY_LIMIT + 2)
        return parse_vkey(data.decode().removesuffix("\n"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, NoteError) as error:
        hint = "put back the line that 'chainlog witness new' printed"
        raise KeyfileError(
            "{path} does not say what this witness is called: {error}",
            path=path,
            error=error,
            hint=hint,
        ) from None


def keep_vkey(folder: Path, key: VerifierKey) -> None:
    """Keep a witness's name with its key, once for all. Raises KeyfileError where it has another.

    An Ed25519 cosignature does not cover the name of who made it, so one key under two names would
    count as two witnesses.
    """
    kept = kept_vkey(folder)
    if kept is not None and kept != key:
        raise KeyfileError(
            "the witness with this key is called {kept}, not {name}: one key, one witness",
            kept=kept.name,
            name=key.name,
            hint="for another witness make another key: chainlog witness new FILE --name NAME",
        )
    if kept is None:
        with KeyfileError.from_os("{folder} cannot be written: {why}", folder=folder / _VKEY):
            durable.make_folder(folder)
            durable.replace(folder / _VKEY, format_vkey(key).encode() + b"\n")
