"""The checkpoints that a user saw of a chain, and the keys under which they held.

    HOME/checkpoints/<chain id>/<size>-<root>.checkpoint    each checkpoint (FORMAT.md 9)
    HOME/checkpoints/<chain id>/ahead/…                     those that went beyond what was here
    HOME/checkpoints/<chain id>/keys                        verifier keys (C2SP), a line each

A remembered checkpoint counts, whatever a copy of the chain says of who might sign, where a line of
it holds under one of the keys: of the log, in force when it was kept, or of a witness that counted.
One that holds under none is taken for one that came along, since earlier versions also kept what
nobody signed.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import NoteError, StoreError
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.note import (
    ED25519_NOTE,
    Note,
    VerifierKey,
    format_vkey,
    parse_note,
    parse_vkey,
    signed_by,
)
from chainlog.store import durable
from chainlog.store.checkpoints import (
    checkpoints_in,
    keep_checkpoint,
    keeping,
    locked,
)
from chainlog.store.segment.files import chunks_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


_KEYS: Final = "keys"
# Some ten thousand keys.
_KEYS_LIMIT: Final = 2 * 2**20


class Memory:
    """What is remembered of a chain in one folder. None of it needs to be there."""

    folder: Path
    keys: dict[VerifierKey, None]

    def __init__(self, folder: Path) -> None:
        """Raises StoreError for a folder that cannot be read."""
        self.folder = folder
        self._known(_read_keys(folder / _KEYS))

    def _known(self, keys: Iterable[VerifierKey]) -> None:
        """Take these for the keys that count. Many checkpoints are asked about."""
        self.keys = dict.fromkeys(keys)
        self._named: dict[bytes, list[VerifierKey]] = {}
        for key in self.keys:
            self._named.setdefault(key.key_hash, []).append(key)

    def counts(self, data: bytes) -> bool:
        """Whether a checkpoint that lies here is one whose signature held when it was kept.

        What is damaged was one: nothing else was ever kept.
        """
        try:
            return self.vouches(parse_note(data))
        except NoteError:
            return True

    def vouches(self, note: Note) -> bool:
        """Whether a line of a note holds under one of the keys."""
        return any(
            _holds(Note(note.text, (one,)), self._named.get(one.key_hash, ()))
            for one in note.signatures
        )

    def notes(self) -> list[Note]:
        """Those that count, by size. Raises StoreError."""
        return [note for note in checkpoints_in(self.folder) if self.vouches(note)]

    def keep(self, note: Note, keys: Iterable[VerifierKey], *, first: bool = False) -> Note:
        """Keep a checkpoint, and of `keys` those that it names, under which it held.

        `first`: as for `keep_checkpoint`. Returns it with all that is kept of it.

        Raises StoreError.
        """
        named = {one.key_hash for one in note.signatures}
        more = [key for key in dict.fromkeys(keys) if key.key_hash in named]
        if any(key not in self.keys for key in more):
            self._learn(more)
        return keep_checkpoint(self.folder, note, first=first)

    def _learn(self, more: list[VerifierKey]) -> None:
        """Add keys to the file. What is there stays, whatever it is."""
        path = self.folder / _KEYS
        with keeping(self.folder), locked(self.folder):
            text = _text_of(path)
            known = dict.fromkeys(_keys_in(text))
            added = [key for key in more if key not in known]
            text += "".join(f"{format_vkey(key)}\n" for key in added)
            if len(text.encode()) > _KEYS_LIMIT:
                raise _too_many(path)
            self._known([*known, *added])
            durable.replace(path, text.encode())


def _holds(line: Note, keys: Iterable[VerifierKey]) -> bool:
    try:
        logs = [key for key in keys if key.type == ED25519_NOTE]
        return bool(signed_by(line, logs) or cosignatures_of(line, keys))
    except NoteError:
        return False


def _read_keys(path: Path) -> list[VerifierKey]:
    """The keys in a file. Raises StoreError for one that is not read whole."""
    return _keys_in(_text_of(path))


def _keys_in(text: str) -> list[VerifierKey]:
    found: list[VerifierKey] = []
    for line in text.splitlines():
        with suppress(NoteError):
            found.append(parse_vkey(line))
    return found


def _text_of(path: Path) -> str:
    data = bytearray()
    if path.is_file():
        for chunk in chunks_of(path):
            data += chunk
            if len(data) > _KEYS_LIMIT:
                raise _too_many(path)
    text = data.decode(errors="replace")
    return text if not text or text.endswith("\n") else f"{text}\n"


def _too_many(path: Path) -> StoreError:
    """One key that is passed over may be the one under which a rollback shows."""
    return StoreError(
        "{path} would hold more keys than any chain ever had",
        path=path,
        hint="look at who put them there, and keep those that you know",
    )
