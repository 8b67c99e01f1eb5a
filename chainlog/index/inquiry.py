"""A question put to a ledger: its index, the instant that is asked for, the audit's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainlog.custody.item import fold_item
from chainlog.custody.worth import read_money
from chainlog.events.things import is_item
from chainlog.index.audit_source import gather
from chainlog.ledger.ledger import now_ms
from chainlog.ledger.sources import attachments_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.family import AuditSource
    from chainlog.audit.settings import Settings
    from chainlog.custody.state import ItemState
    from chainlog.custody.worth import Money
    from chainlog.index.book import Book
    from chainlog.index.index import Items
    from chainlog.index.names import Unmet
    from chainlog.ledger.ledger import Ledger


@dataclass(frozen=True)
class Inquiry:
    """What a question is asked of.

    `as_of`: the instant in ms by the entries' clocks, None for all that is held. `unmet`: what
    somebody named with the question, and nothing in the chains at hand has.
    """

    ledger: Ledger
    items: Items
    as_of: int | None
    settings: Settings
    unmet: tuple[Unmet, ...] = ()

    @property
    def instant(self) -> int:
        """The instant to which durations run, in ms."""
        return now_ms() if self.as_of is None else self.as_of

    def book(self) -> Book:
        """Acts and histories as of the instant."""
        return self.items.book(self.as_of)

    def source(self) -> AuditSource:
        """What an audit is a function of."""
        state = attachments_in(self.ledger.engine)
        return gather(self.items, self.as_of, self.instant, state)

    def states(self) -> Iterator[ItemState]:
        """Every item, as of the instant."""
        for key, touches in self.book().histories():
            if is_item(key):
                yield fold_item(key, touches, self.instant)

    def worth(self, key: str, line: dict[str, Any]) -> Money | None:
        """What a line says that its thing is worth, or what the ledger knows of it."""
        if "value" in line:
            return read_money(line["value"])
        views = self.items.views
        item = views.item(key) if is_item(key) else None
        return item.worth if item is not None else views.worth(key, line)
