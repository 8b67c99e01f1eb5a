"""What the ledger knows, for one who records.

Opened when first asked, caught up before each look, and never in the way.

The index is derived and its answers are advice: whatever goes wrong with it is said once, and the
recording goes on without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from chainlog.errors import ChainlogError
from chainlog.events.event import is_governing
from chainlog.events.wording import printable
from chainlog.export.words.catalogue import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Self

    from chainlog.cli.talk import Talk
    from chainlog.events.event import Event
    from chainlog.index.advice.offers import Offers
    from chainlog.index.advice.supposed import Foreseen
    from chainlog.index.index import Items
    from chainlog.ledger.ledger import Ledger

_T = TypeVar("_T")
# So many events of one go are compared with the ledger, and so many things of one sentence are
# named.
EVENTS: Final = 20
_NAMED: Final = 3
# Of one event no more is said than a person reads.
_SENTENCES: Final = 12
# Reading so many entries takes long enough to say so.
_LONG: Final = 5_000


class Knowing:
    """What can be asked of one ledger's index.

    `ledger` gives the ledger, which may be opened anew; `note` says what went wrong.
    """

    talk: Talk
    ledger: Callable[[], Ledger]
    note: Callable[[str], None]

    def __init__(
        self, talk: Talk, ledger: Callable[[], Ledger], note: Callable[[str], None]
    ) -> None:
        self.talk, self.ledger, self.note = talk, ledger, note
        self._items: Items | None = None
        self._read = 0
        self._failed = False
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index."""
        items, self._items = self._items, None
        if items is not None:
            items.close()

    def renew(self) -> None:
        """Try again what failed: it may have been locked, or the disk full."""
        if self._failed:
            self._failed = False
            self.close()

    def ask(self, look: Callable[[Items], Iterable[_T]]) -> list[_T]:
        """All that `look` finds in the index; nothing, with a note, where the index fails."""
        if self._failed:
            return []
        try:
            return list(look(self._caught_up()))
        except Exception as error:  # noqa: BLE001  (a derived index, and advice: nothing of it may keep anyone from recording)
            self._failed = True
            why = (
                error.message
                if isinstance(error, ChainlogError)
                else f"{type(error).__name__}: {error}"
            )
            self._say(self.talk.text("foreseen.unchecked", why=printable(why[:200])))
            return []

    def offer(self, look: Callable[[Offers], Iterable[_T]]) -> list[_T]:
        """The same of what the index can offer."""
        from chainlog.index.advice.offers import Offers  # noqa: PLC0415  (only for those who record)

        return self.ask(lambda items: look(Offers(items)))

    def foresee(self, events: Sequence[Event], key: bytes | None) -> list[list[str]]:
        """For each of the events recorded in one go, in words, what would become a finding.

        `key`: who signs, if that is known.
        """
        if all(is_governing(event.kind) for event in events):
            return [[] for _ in events]
        looked = events[:EVENTS]

        def look(items: Items) -> list[list[Foreseen]]:
            from chainlog.cli.input import read_settings  # noqa: PLC0415  (as above)
            from chainlog.index.advice.advise import foresee  # noqa: PLC0415

            now, settings = items.ledger.clock(), read_settings(items.ledger, None)
            return [
                foresee(items, event, key, now, looked[:place], settings)
                for place, event in enumerate(looked)
            ]

        told = [self._sentences(some) for some in self.ask(look) or [[] for _ in looked]]
        if len(looked) < len(events):
            told[-1].append(
                self.talk.text("foreseen.not_all_events", looked=len(looked), count=len(events))
            )
        return told + [[] for _ in events[EVENTS:]]

    def _sentences(self, foreseen: list[Foreseen]) -> list[str]:
        # How much was looked at is said in any case.
        bounds = [self._sentence(one) for one in foreseen if one.key == "not_all"]
        told = [self._sentence(one) for one in foreseen if one.key != "not_all"]
        more = len(told) - _SENTENCES
        return [
            *told[:_SENTENCES],
            *([self.talk.text("foreseen.rest", count=more)] if more > 0 else []),
            *bounds,
        ]

    def _sentence(self, one: Foreseen) -> str:
        values: dict[str, Any] = {
            name: printable(told) if isinstance(told, str) else told
            for name, told in one.values.items()
        }
        if "kind" in values:
            values["kind"] = self.talk.text(f"kind.{one.values['kind']}")
        names = ", ".join(printable(thing) for thing in one.things[:_NAMED])
        more = len(one.things) - _NAMED
        if more > 0:
            names = self.talk.text("foreseen.more", names=names, count=more)
        return self.talk.text(f"foreseen.{one.key}", things=names, **values)

    def _caught_up(self) -> Items:
        """The index, opened the first time and caught up each time."""
        from chainlog.index.index import Items  # noqa: PLC0415  (as above)

        if self._items is None:
            self._items = Items.of(self.ledger(), self._progress)
        else:
            # After a write of unknown outcome the ledger was opened anew.
            self._items.ledger = self.ledger()
            self._items.catch_up(self._progress)
        while self._items.notices:
            self._say(printable(words().tell(self._items.notices.pop(0))))
        return self._items

    def _progress(self, count: int) -> None:
        self._read += count
        if self._read >= _LONG:
            self._say(self.talk.text("reading"))

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.note(text)
