"""Slips of the pen: things listed twice, and things of which no entry held says anything.

The latter may merely be new here.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from chainlog.custody.act import LEAVINGS
from chainlog.events.kinds import kinds_that
from chainlog.events.things import is_item, is_ncage
from chainlog.index.advice.supposed import Foreseen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.index.advice.supposed import Supposed

# So many unknown serials of one event are compared with others, which takes some thousand look-ups
# each.
_COMPARED: Final = 60
# Kinds that list what is new, where one serial after the other is no slip.
_LISTING: Final = kinds_that("registers", "announces")


def listed_twice(supposed: Supposed) -> Iterator[Foreseen]:
    """The items that an event names more than once, which count once.

    Two registrations of one are told by its custody.
    """
    if supposed.act.does.step != "registers":
        named = Counter(
            key
            for key, touch in supposed.touches
            if touch.part in {"lines", "items"} and is_item(key)
        )
        yield from (
            Foreseen("", "listed_twice", {}, (key,)) for key, count in named.items() if count > 1
        )


class Strangers:
    """What is said of unknown things of one event."""

    compared: int
    should_know: bool

    def __init__(self, supposed: Supposed) -> None:
        self.supposed = supposed
        self.compared = 0
        # That it is unknown is remarked on only where it should be known: the giver's word stands
        # in this chain, and the ledger keeps something of the giver's. A site that begins today, or
        # never wrote down its stock, is not told so line by line; nor one that accepted what is not
        # held here.
        giver, offers = supposed.giver, supposed.offers
        self.should_know = (
            supposed.act.kind in LEAVINGS
            and giver in supposed.mine
            and offers.blind is None
            and offers.keeps(giver)
        )

    def look(self, key: str) -> Iterator[Foreseen]:
        """What one unknown thing may be."""
        if not is_item(key):
            return  # of a lot, the balance says it
        near = None
        if self.compared < _COMPARED:
            self.compared += 1
            near = self.supposed.offers.near(
                key, slips=self.supposed.act.kind not in _LISTING, any_known=self.should_know
            )
        if near is not None:
            other, alike = near
            yield Foreseen(
                "ID-WEAK", "looks_like" if alike else "one_key_off", {"other": other}, (key,)
            )
        elif self.should_know:
            yield Foreseen("", "unknown", {}, (key,))
        if not key.startswith("uii:"):
            maker, part, _ = (unquote(one) for one in key.split("/"))
            if not maker or not part:
                yield Foreseen("ID-WEAK", "no_maker", {}, (key,))
            elif not is_ncage(maker):
                yield Foreseen("ID-WEAK", "maker", {"maker": maker}, (key,))
