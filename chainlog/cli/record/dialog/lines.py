"""Asking for lines, or items, one after the other.

Typed, picked from what the giver holds, struck out again.

1ABC2/M777/0042     an item; 0042 alone takes maker and part of the line before, or is the one
                    item known to have that serial
lot 1310/L7 120 EA  so much of a lot
? M777              lists what the giver holds; then 3, 1,4 or 2-5 take of the list, 3 40 so much
                    of a lot in it
-2 · 2=118          line 2 away; so much of the lot in line 2
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from chainlog.cli.output import say
from chainlog.cli.record.dialog.questions import check, read_line, read_much
from chainlog.cli.talk import Wrong
from chainlog.events.kinds import kinds_that
from chainlog.events.things import format_item, is_item
from chainlog.events.wording import printable
from chainlog.export.words.catalogue import said
from chainlog.export.words.events import format_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chainlog.cli.record.dialog.ask import Asking
    from chainlog.cli.record.dialog.questions import Question
    from chainlog.index.holding import Holding

PAGE: Final = 10
_LISTED: Final = 1000
# Kinds whose things are not known yet, or nowhere: nothing is listed, and a serial is like the line
# before it.
_NEW: Final = kinds_that("registers", "announces", "receives", "finds")
_PICKS: Final = re.compile(
    r"[0-9]{1,4}(?:-[0-9]{1,4})?(?:, ?[0-9]{1,4}(?:-[0-9]{1,4})?)*", re.ASCII
)
_SO_MUCH: Final = re.compile(r"(?P<number>[0-9]{1,4}) (?P<much>[0-9][0-9.,\'’\s]*)")
_CHANGED: Final = re.compile(r"(?P<number>[0-9]{1,4}) ?= ?(?P<much>[0-9.,\'’\s]+)")
_AWAY: Final = re.compile(r"-([0-9]{0,4})", re.ASCII)


class LineAsking:
    """The lines of one event. `giver`: whose things can be listed, empty for nobody's."""

    asking: Asking
    question: Question
    giver: str
    lines: list[dict[str, Any]]
    item: bool
    words: str

    def __init__(
        self, asking: Asking, question: Question, current: Sequence[dict[str, Any]], giver: str
    ) -> None:
        self.asking, self.question, self.giver = (
            asking,
            question,
            "" if question.kind in _NEW else giver,
        )
        self.lines = list(current)
        self.item = question.form == "items"
        # What was listed so far, to be picked from by number, and what is still to be listed.
        self.listed: list[Holding] = []
        self.coming: Iterator[Holding] = iter(())
        self.words = ""

    def ask(self) -> list[dict[str, Any]]:
        """Line after line; a blank one ends."""
        asking = self.asking
        asking.tell("items" if self.item else "lines")
        if not self.item:
            asking.tell("lines_keys")
        if self.giver:
            asking.tell("held", giver=printable(self.giver))
        self.show()
        while True:
            before = self.like()
            told = f" [{format_item({'maker': before[0], 'part': before[1]})}…]" if before else ""
            if not asking.until(
                f"{asking.text('line', number=len(self.lines) + 1)}{told}", self.read
            ):
                asking.like = before
                return self.lines

    def like(self) -> tuple[str, str] | None:
        """The maker and part that a bare serial is taken to have."""
        named = [one if self.item else one.get("item", {}) for one in self.lines]
        return next(
            ((one["maker"], one["part"]) for one in reversed(named) if "maker" in one),
            self.asking.like,
        )

    def read(self, text: str) -> bool:
        """Take in what was typed; False ends. Raises Wrong."""
        if not text and not self.lines and self.question.needed and not self.question.empty:
            raise Wrong("needed")
        if away := _AWAY.fullmatch(text):
            self.strike(int(away[1] or len(self.lines)))
        elif changed := _CHANGED.fullmatch(text):
            self.change(int(changed["number"]), changed["much"])
        elif text.startswith("?") and self.giver:
            self.list_held(text[1:].strip())
        elif text and not self.pick(text):
            self.add(self.typed(text))
        return bool(text)

    def typed(self, text: str) -> dict[str, Any]:
        """The line that was typed."""
        asking = self.asking
        whole = asking.whole(text, self.like(), new=self.question.kind in _NEW)
        return read_line(whole, self.like(), asking.names("lot", "lot"), item=self.item)

    def add(self, line: dict[str, Any]) -> None:
        """Take a line in. Raises Wrong where it, or its item, is there already."""
        (line,) = check(self.question, [line])
        item = line.get("item")
        for number, one in enumerate(self.lines, 1):
            if one == line or (item is not None and one.get("item") == item):
                raise Wrong("twice", number=number)
        self.lines.append(line)

    def strike(self, number: int) -> None:
        """Take a line away."""
        self._line(number)
        self.asking.like = self.like()
        del self.lines[number - 1]
        self.show()

    def change(self, number: int, much: str) -> None:
        """Say that a line is of so much of its lot."""
        line = self._line(number)
        name = "amount" if "amount" in line else "quantity"
        if name not in line:
            raise Wrong("no_lot", number=number)
        (self.lines[number - 1],) = check(self.question, [{**line, name: read_much(much)}])
        self.show()

    def _line(self, number: int) -> dict[str, Any]:
        if not 1 <= number <= len(self.lines):
            raise Wrong("gone", number=number)
        return self.lines[number - 1]

    def show(self) -> None:
        """The lines with their numbers."""
        for number in range(1, len(self.lines) + 1):
            self._show(number)

    def _show(self, number: int) -> None:
        line = self.lines[number - 1]
        say(f"  {number:2} {printable(format_line({'item': line} if self.item else line))}")

    # What the giver holds

    def list_held(self, words: str) -> None:
        """A page of what the giver holds: the first of other words, or the next."""
        if words or not self.listed:
            self.words, self.listed = words, []
            found = self.asking.known.offer(
                lambda offers: islice(offers.holdings(self.giver, words), _LISTED)
            )
            self.coming = iter([one for one in found if not self.item or is_item(one.key)])
        page = list(islice(self.coming, PAGE))
        for number, one in enumerate(page, len(self.listed) + 1):
            say(f"  {number:2} {printable(_told(one))}")
        self.listed += page
        if not self.listed:
            self.asking.tell("held_none", giver=printable(self.giver))
        else:
            self.asking.tell("held_more" if len(page) == PAGE else "held_end")

    def pick(self, text: str) -> bool:
        """Take what numbers of the list mean.

        False where they mean none of it: `0042` and `99` are serials too.
        """
        much = _SO_MUCH.fullmatch(text)
        numbers = (
            [int(much["number"])] if much else _numbers(text) if _PICKS.fullmatch(text) else []
        )
        if (
            not numbers
            or not all(1 <= number <= len(self.listed) for number in numbers)
            or text.startswith("0")
        ):
            return False
        chosen = [self.listed[number - 1] for number in numbers]
        if much and is_item(chosen[0].key):
            return False
        from chainlog.index.advice.offers import holding_line  # noqa: PLC0415  (only where something was listed)

        for one in chosen:
            line = holding_line(one, read_much(much["much"]) if much else "")
            self.add(line["item"] if self.item else line)
            self._show(len(self.lines))
        return True


def _numbers(text: str) -> list[int]:
    """The numbers that `1,3-5` means."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def _told(one: Holding) -> str:
    """A holding in a line of a list."""
    from chainlog.index.advice.offers import holding_line  # noqa: PLC0415  (as above)

    condition = {"condition": one.condition} if one.condition else {}
    inside = said(", in {container}", container=one.container) if one.container else ""
    return format_line({**holding_line(one), **condition}) + inside
