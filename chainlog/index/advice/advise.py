"""What would become a finding if an event were recorded.

Said before it is signed, and never in its way.

`foresee` is the entrance: it supposes the event recorded, and asks `custody.py` about each thing,
and `audit.py` about the papers and what the audit's families say of the act. Three lines are drawn:

- Nothing is warned of merely because it is not held here: at a field site the chain of the sender
  usually is not (`Supposed.hears`, `can_tell`).
- The work is bounded: so many things, so many touches of their histories. What was not looked at is
  said.
- What the replacement in a `correct` would change in the past is the audit's to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chainlog.audit.finding import SEVERITIES
from chainlog.audit.rulebook import CODES
from chainlog.audit.settings import Settings
from chainlog.index.advice.audit import by_families, by_papers
from chainlog.index.advice.custody import clashes, kept_clashes, uncounted
from chainlog.index.advice.offers import Offers
from chainlog.index.advice.supposed import Foreseen, Supposed, suppose
from chainlog.index.advice.unknown import Strangers, listed_twice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chainlog.custody.act import Touch
    from chainlog.events.event import Event
    from chainlog.index.index import Items

# So many things of an event are looked at, as long as their histories have not more touches than
# this together.
THINGS: Final = 500
TOUCHES: Final = 20_000
# A longer history of a thing is not folded anew: what was kept of it is asked.
_LONG: Final = 2_000


def foresee(
    items: Items,
    event: Event,
    key: bytes | None,
    now: int,
    before: Sequence[Event] = (),
    settings: Settings | None = None,
) -> list[Foreseen]:
    """What would become a finding if `event` were recorded now (ms) by the holder of `key`.

    The worst first.

    `key`: None where it is not known yet who signs. `before`: the events recorded in the same go,
    ahead of this one.
    `settings`: the audit's. Raises StoreError, sqlite3.Error and whatever else goes wrong with a
    derived index: the caller records all the same.
    """
    supposed = suppose(items, Offers(items), event, key, now, before)
    if supposed is None:
        return []
    named = list(
        dict.fromkeys(thing for thing, _ in supposed.touches if not thing.startswith("container:"))
    )
    histories = _histories(supposed, named)
    told = _merged(
        (
            *by_families(supposed, histories, settings or Settings()),
            *_things(supposed, histories),
            *by_papers(supposed),
            *uncounted(supposed),
            *listed_twice(supposed),
        )
    )
    more = (
        [Foreseen("", "not_all", {"looked": len(histories), "count": len(named)})]
        if len(histories) < len(named)
        else []
    )
    return told + more


def _histories(supposed: Supposed, named: Sequence[str]) -> dict[str, list[Touch] | None]:
    """What was said of each thing that is looked at.

    None where that is too long to be read again.
    """
    found: dict[str, list[Touch] | None] = {}
    left = TOUCHES
    for key in named[:THINGS]:
        if left <= 0:
            break
        length = supposed.offers.length(key, _LONG + 1)
        found[key] = None if length > _LONG else supposed.history(key)
        left -= len(found[key] or ()) + 1
    return found


def _things(supposed: Supposed, histories: dict[str, list[Touch] | None]) -> Iterator[Foreseen]:
    strangers = Strangers(supposed)
    for key, history in histories.items():
        if history is None:
            yield from kept_clashes(supposed, key)
        elif history:
            yield from clashes(supposed, key, history)
        else:
            yield from strangers.look(key)
            yield from clashes(supposed, key, history)


def _merged(told: Iterable[Foreseen]) -> list[Foreseen]:
    """One for all that say the same of several things.

    The worst first, by the severity of the finding.
    """
    some: dict[tuple[Any, ...], list[Foreseen]] = {}
    for one in told:
        some.setdefault((one.code, one.key, *sorted(one.values.items())), []).append(one)
    merged = [
        Foreseen(
            alike[0].code,
            alike[0].key,
            alike[0].values,
            tuple(dict.fromkeys(thing for one in alike for thing in one.things)),
        )
        for alike in some.values()
    ]
    return sorted(
        merged, key=lambda one: SEVERITIES.index(CODES[one.code]) if one.code else len(SEVERITIES)
    )
