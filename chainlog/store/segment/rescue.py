"""What is said, and saved, where a chain's files were changed under its writer.

Another program renamed a file over the one that was open, moved the folder, cut the file or wrote
in it, or took the lock away. Nothing is acknowledged then. What an open file holds goes with its
descriptor, unless it has a name still: so it is copied first, to where `sync` takes it from.

    LEDGER/rescued/chains/<id>/<segment>      rescued-2, … where that is there already
"""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import Sentence, StoreError, UnknownOutcomeError
from chainlog.store import durable
from chainlog.store.raw import CHUNK
from chainlog.store.segment.folder import ChainFolder
from chainlog.store.shelf import TAKE_ANEW

if TYPE_CHECKING:
    from chainlog.store.engine import Head
    from chainlog.store.segment.own_files import OpenSegment

_RESCUED: Final = "rescued"


def displaced(
    folder: Path, chain: bytes, open_: OpenSegment, error: OSError, ends: Head, did: Sentence
) -> UnknownOutcomeError:
    """The error for whoever wanted to write: what differs, what is there now, and the way out.

    `ends`: the head of all that was written here, acknowledged or not. `did`: what was done of
    what was asked for.
    """
    found = _look(folder, chain, ends)
    say = {"path": error.filename, "why": error.strerror, "did": did, "found": found.says}
    way = Sentence(
        "keep other programs out of the ledger's folder, then run 'chainlog status': it reads back "
        "what is there"
    )
    told = Sentence("{path}: {why}; {did}; {found}", **say)
    if found.whole:
        return UnknownOutcomeError(told, hint=way)
    if open_.own.is_there():
        return UnknownOutcomeError(told, hint=TAKE_ANEW)
    lies = _lies(open_.descriptor)
    if lies is not None and (back := _way_back(lies, open_.own.path)) is not None:
        told = Sentence("{told}; what was written here lies in {lies} now", told=told, lies=lies)
        return UnknownOutcomeError(told, hint=back)
    saved = _save(folder, open_)
    if saved is not None:
        told = Sentence(
            "{told}; what was written here was saved in {saved}", told=told, saved=saved
        )
        way = Sentence(
            "keep other programs out of the ledger's folder, then take it back: {away}chainlog "
            "sync {saved}",
            away=_away(open_.own.path, saved),
            saved=shlex.quote(str(saved)),
        )
    elif lies is not None:
        told = Sentence("{told}; what was written here lies in {lies} now", told=told, lies=lies)
    return UnknownOutcomeError(told, hint=way)


class _Found(NamedTuple):
    """What lies at the path now, in words. `whole`: all that was written here is in it."""

    says: Sentence
    whole: bool = False


def _look(folder: Path, chain: bytes, ends: Head) -> _Found:
    nothing = Sentence("no entry of this chain can be read there now")
    try:
        view = ChainFolder(folder, chain)
    except StoreError:
        return _Found(nothing)
    try:
        size = view.head.size
        if 0 < ends.size <= size and view.index.row(ends.size - 1)[1] == ends.id:
            all_ = "all that was written here, up to entry {last}, lies there now"
            return _Found(Sentence(all_, last=ends.size - 1), whole=True)
        if size == 0:
            return _Found(nothing)
        return _Found(
            Sentence(
                "the chain that lies there now ends with entry {last}, and {written} was written "
                "here",
                last=size - 1,
                written=ends.size - 1,
            )
        )
    finally:
        view.close()


def _lies(descriptor: int) -> Path | None:
    """Where an open file lies now, as far as the system says: Linux does."""
    with suppress(OSError):
        lies = Path(f"/proc/self/fd/{descriptor}").readlink()
        if not lies.name.endswith(" (deleted)"):
            return lies
    return None


def _way_back(lies: Path, path: Path) -> Sentence | None:
    """The command that puts back a file, or the folder that it lies in; None where it may not.

    That is where something else lies in its place.
    """
    here, place = lies, path
    while here.name == place.name and not place.parent.exists():
        here, place = here.parent, place.parent
    if os.path.lexists(place):
        return None
    return Sentence(
        "put it back, and keep other programs out of the ledger's folder: mv {here} {place}",
        here=shlex.quote(str(here)),
        place=shlex.quote(str(place)),
    )


def _away(path: Path, saved: Path) -> str:
    """The command that puts aside what is no file, and so keeps anybody from writing there."""
    if not os.path.lexists(path) or (path.is_file() and not path.is_symlink()):
        return ""
    return f"mv {shlex.quote(str(path))} {shlex.quote(str(saved))} && "


def _save(folder: Path, open_: OpenSegment) -> Path | None:
    """Copy all of an open segment to where `sync` takes it from; None where that cannot be done."""
    if not open_.own.size:
        return None
    ledger = folder.parent.parent
    names = (ledger / (f"{_RESCUED}-{number}" if number > 1 else _RESCUED) for number in count(1))
    saved = next(one for one in names if not os.path.lexists(one))
    path = saved / folder.parent.name / folder.name / open_.own.path.name
    try:
        durable.make_folder(path.parent)
        with durable.Beside(path.with_name(f".{path.name}.new")) as new:
            start = 0
            while data := os.pread(open_.descriptor, CHUNK, start):
                new.write(data)
                start += len(data)
            new.put(path)
        durable.sync_folder(path.parent)
        new.check()
    except OSError:
        return None
    return saved
