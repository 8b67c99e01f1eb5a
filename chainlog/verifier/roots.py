"""The checkpoints of a chain that are compared with it, and the roots that they are compared by."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import NoteError
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.merkle import EMPTY_ROOT, Frontier
from chainlog.format.note import Note, format_note, parse_note

if TYPE_CHECKING:
    from collections.abc import Iterable

# So many of the checkpoints that a chain cites are held with all their cosignatures: a hostile
# chain may cite a thousand of the longest.
_SEEN_WHOLE: Final = 64


class HeldNote(NamedTuple):
    """A checkpoint that is held for a chain.

    Where, its bytes, and whether it is remembered by whoever verifies (else it came along).

    `entry`: the index of the `chain.seen` in which it stands, None where it lies beside the chain.
    `ahead`: it is remembered as one that went beyond what was here, so that only entries that came
    since can say whether its key might sign it; where they say no, it says nothing.
    """

    where: str
    data: bytes
    remembered: bool = False
    entry: int | None = None
    ahead: bool = False


class Roots:
    """A chain's tree as it grows, with its root at each size that a checkpoint names.

    `notes`: the checkpoints, those that the chain cites last. `size`: one more that is asked for.
    """

    notes: list[HeldNote]
    frontier: Frontier

    def __init__(self, notes: Iterable[HeldNote], size: int | None) -> None:
        self.notes = list(notes)
        self.frontier = Frontier()
        self.by_size: dict[int, bytes] = {0: EMPTY_ROOT}
        sizes = {one for note in self.notes if (one := size_of(note.data))} | {size or 0}
        # Sizes still to come, the next one last.
        self._wanted = sorted(sizes - {0}, reverse=True)
        # The places among `notes` of those that the chain cites and that are kept with all their
        # lines.
        self._whole: deque[int] = deque()

    def cite(self, note: HeldNote) -> None:
        """A checkpoint that the chain itself cites."""
        self.notes.append(note)
        self._whole.append(len(self.notes) - 1)
        if len(self._whole) > _SEEN_WHOLE:
            # Of the earlier ones the log's own lines are enough: later ones say more of the
            # witnesses.
            place = self._whole.popleft()
            self.notes[place] = _by_the_log(self.notes[place])

    def extend(self, leaves: list[bytes]) -> None:
        """Take the next entries into the tree, by their ids."""
        done, size = 0, self.frontier.size
        while self._wanted and self._wanted[-1] <= size + len(leaves):
            stop = self._wanted.pop()
            self.frontier.extend(leaves[done : stop - size])
            self.by_size[stop], done = self.frontier.root(), stop - size
        self.frontier.extend(leaves[done:] if done else leaves)

    def owed(self) -> list[int]:
        """The sizes, largest first, whose roots are asked for but were passed before that."""
        sizes = {
            size for note in self.notes if note.entry is not None and (size := size_of(note.data))
        }
        return sorted(sizes - self.by_size.keys(), reverse=True)


def _by_the_log(held: HeldNote) -> HeldNote:
    """A checkpoint with none but the lines that name its log."""
    note = parse_note(held.data)
    origin = note.text.partition("\n")[0]
    lines = tuple(one for one in note.signatures if one.name == origin)
    return held._replace(data=format_note(Note(note.text, lines))) if lines else held


def size_of(data: bytes) -> int:
    """The size that a checkpoint names, 0 where it is none.

    What it says besides is judged later.
    """
    try:
        return parse_checkpoint(parse_note(data).text).size
    except NoteError:
        return 0
