"""What earlier versions kept beside a key, taken over once into the user's own state.

Only from beside a key that the user named themselves, and only where their own state may have lain:
a folder of theirs, on the disk of their home, in no ledger. What was handed over on a stick or in a
ledger is not theirs, and whoever put marks there would decide what they may write. Nothing is
removed there: another user may keep theirs beside the same key. A mark, a note, or what a witness
cosigned, stays as it is where there is one: whoever gave the key, with marks that no copy can
reach, would else stop the reader's own chains, so a mark that is further is told of. A checkpoint
is added, and counts where the chain says that its key might sign it. What was read of ledgers is
not taken: it is read again.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chainlog.errors import StoreError
from chainlog.format.note import NOTE_LIMIT
from chainlog.ledger.config import NAME as LEDGER_FILE
from chainlog.ledger.marks import parse_mark, read_mark
from chainlog.ledger.state import CHECKPOINTS, MARKS, VERIFIED, WITNESS, State, way_out
from chainlog.store import durable
from chainlog.store.checkpoints import locked, read_checkpoint
from chainlog.store.segment.files import real_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DONE: Final = "taken-over"
# More checkpoints of one chain no earlier version kept, nor larger ones: with too many, what is
# remembered would not be read any more.
_CHECKPOINTS_LIMIT: Final = 1000
_CHECKPOINT_LIMIT: Final = 16 * 1024
_TOPS: Final = (MARKS, CHECKPOINTS, VERIFIED, WITNESS)
_CHAIN: Final = r"[0-9a-f]{64}"
_MARK: Final = re.compile(rf"{MARKS}/({_CHAIN})\.mark")
# A verified note, a checkpoint of a chain, what a witness of a key cosigned of a log.
_OTHERS: Final = re.compile(
    rf"{VERIFIED}/{_CHAIN}\.verified"
    rf"|{CHECKPOINTS}/{_CHAIN}/(?:ahead/)?[0-9]{{20}}-{_CHAIN}\.checkpoint"
    rf"|{WITNESS}/[0-9a-f]{{16}}/(?:vkey|{_CHAIN}\.(?:checkpoint|begun))"
)


def take_over(state: State, beside: Path) -> bool:
    """Take over what is kept in the folder `beside`, if it is the user's. Whether anything was.

    Raises StoreError, LockedError.
    """
    tops = _tops(beside)
    with StoreError.from_os(
        "what is kept in {beside} cannot be taken over into {home}: {why}",
        beside=beside,
        home=state.home,
        hint=way_out(*tops, state.home),
    ):
        place = real_path(beside)
        if not tops or place == real_path(state.home) or str(place) in _done(state):
            return False
        names = _names(beside, tops)
        if not names or not _is_own(state, place, tops):
            return False
        durable.make_folder(state.home)
        with locked(state.home):
            # Whoever was first may have written on since.
            done = _done(state)
            if str(place) in done:
                return False
            used = {one.parent.name for one in state.witness.glob("*/vkey")}
            for name in names:
                if name.split("/")[:2] not in [[WITNESS, one] for one in used]:
                    _take(state, place, name)
            text = "".join(f"{json.dumps(one)}\n" for one in [*done, str(place)])
            durable.replace(state.home / _DONE, text.encode())
    return True


def left_beside(state: State, beside: Path) -> list[Path]:
    """The folders in `beside` that are not taken for the user's, of which something is lacking.

    None that cannot be read.
    """
    tops = _tops(beside)
    try:
        place = real_path(beside)
        if not tops or place == real_path(state.home) or _is_own(state, place, tops):
            return []
        lacking = {
            name.partition("/")[0]
            for name in _names(beside, tops)
            if not (state.home / name).exists()
        }
    except OSError:
        return []
    return [top.absolute() for top in tops if top.name in lacking]


def further_beside(state: State, beside: Path) -> list[Path]:
    """The marks in `beside` that are further than those of the user's own for the same chain."""
    found = []
    with suppress(OSError, StoreError):
        if real_path(beside) != real_path(state.home):
            found = [
                beside / name
                for name in _names(beside, [one for one in _tops(beside) if one.name == MARKS])
                if 0 < _size_in(state.home / name) < _size_in(beside / name)
            ]
    return [one.absolute() for one in found]


def _size_in(mark: Path) -> int:
    """How many entries a mark says; 0 for none, or one that is damaged. Raises OSError."""
    found = parse_mark(read_mark(mark), bytes.fromhex(mark.stem)) if mark.exists() else None
    return found.size if found is not None else 0


def _tops(beside: Path) -> list[Path]:
    return [beside / top for top in _TOPS if os.path.lexists(beside / top)]


def _names(beside: Path, tops: list[Path]) -> list[str]:
    found = [
        path.relative_to(beside).as_posix()
        for top in tops
        if top.is_dir()
        for path in _files(top, 2)
    ]
    names = sorted(name for name in found if _MARK.fullmatch(name) or _OTHERS.fullmatch(name))
    kept = Counter(name.split("/")[1] for name in names if name.startswith(CHECKPOINTS))
    return [
        name
        for name in names
        if not name.startswith(CHECKPOINTS) or kept[name.split("/")[1]] <= _CHECKPOINTS_LIMIT
    ]


def _is_own(state: State, place: Path, tops: list[Path]) -> bool:
    """Whether a folder may be where an earlier version kept this user's state. Raises OSError."""
    if any(os.path.lexists(folder / LEDGER_FILE) for folder in (place, *place.parents)):
        return False
    home = state.home.absolute()
    near = next(folder for folder in (home, *home.parents) if folder.is_dir())
    told = [path.stat() for path in (place, *tops) if path.is_dir()]
    return all(one.st_dev == near.stat().st_dev for one in told) and (
        sys.platform == "win32" or all(one.st_uid == os.geteuid() for one in told)
    )


def _files(folder: Path, depth: int) -> Iterator[Path]:
    for path in folder.iterdir():
        if depth and path.is_dir():
            yield from _files(path, depth - 1)
        else:
            yield path


def _take(state: State, place: Path, name: str) -> None:
    target, data = state.home / name, read_checkpoint(place / name)
    marked = _MARK.fullmatch(name)
    limit = _CHECKPOINT_LIMIT if name.startswith(CHECKPOINTS) else NOTE_LIMIT
    if target.exists() or len(data) > limit:
        return
    if marked is not None and parse_mark(data, bytes.fromhex(marked[1])) is None:
        return
    durable.make_folder(target.parent)
    durable.replace(target, data)


def _done(state: State) -> list[str]:
    try:
        text = (state.home / _DONE).read_text(encoding="utf-8")
        return [str(json.loads(line)) for line in text.splitlines()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except ValueError:
        # Taken over again, marks only grow.
        return []
