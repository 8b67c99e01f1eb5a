"""Parts that sentences of several findings have: things, days, durations, sums."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from chainlog.custody.act import DAY_MS
from chainlog.events.phrase import Phrase, Template

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from chainlog.audit.family import KnownThing
    from chainlog.events.phrase import Value

MINUTE_MS: Final = 60_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The first and last millisecond of the years 1 to 9999; an instant with an offset may lie beyond.
_CALENDAR: Final = (-62_135_596_800_000, 253_402_300_799_999)
_MOST_NAMED: Final = 3

# Of things: none, one or two by name, more by how many of which type.
NOTHING: Final = Template("things.none", {"en": "nothing listed", "uk": "нічого не названо"})
ONE: Final = Template("things.one", {"en": "{first}", "uk": "{first}"})
TWO: Final = Template("things.two", {"en": "{first} and {second}", "uk": "{first} і {second}"})
MANY: Final = Template("things.many", {"en": "{counts}", "uk": "{counts}"})
MORE: Final = Template(
    "things.more",
    {"en": "{counts} and {more} more types", "uk": "{counts} та інші типи ({more})"},
)
COUNT: Final = Template("things.count", {"en": "{count} × {type}", "uk": "{count} × {type}"})
UNTYPED: Final = Template("things.untyped", {"en": "things", "uk": "речі без типу"})

# Of time: words that stand with any number.
SPANS: Final = tuple(
    (Template(f"span.{unit}", {"en": f"{{count}} {unit}", "uk": f"{{count}} {uk}"}), size)
    for unit, uk, size in (
        ("days", "діб", DAY_MS),
        ("hours", "год", 3_600_000),
        ("minutes", "хв", MINUTE_MS),
        ("seconds", "с", 1000),
    )
)
DAY: Final = Template("day.one", {"en": "{day}", "uk": "{day}"})
NO_DAY: Final = Template(
    "day.none", {"en": "a day that no calendar has", "uk": "день, якого немає в календарі"}
)

# Of a paper that has no number, and what arrived against what was sent.
NO_DOCUMENT: Final = Template("document.none", {"en": "no document", "uk": "без документа"})
ITEMS: Final = Template("difference.items", {"en": "{much} items", "uk": "предметів: {much}"})
OF_LOT: Final = Template(
    "difference.lot", {"en": "{much} {unit} of {thing}", "uk": "{much} {unit}, {thing}"}
)

# Of keys: roles, and why one was revoked.
NO_ROLE: Final = Template("roles.none", {"en": "no role", "uk": "без ролі"})
REVOKED: Final = {
    reason: Template(f"revoked.{reason}", {"en": reason, "uk": uk})
    for reason, uk in {
        "lost": "втрачено",
        "compromised": "скомпрометовано",
        "retired": "виведено з ужитку",
    }.items()
}

# What fields that are not shown could change.
HIDES_SIGNER: Final = Template(
    "hides.signer", {"en": "for whom it was signed", "uk": "за кого підписано"}
)
HIDES_HOLDER: Final = Template("hides.holder", {"en": "who holds what", "uk": "хто що має"})
HIDES_THINGS: Final = Template("hides.things", {"en": "what, and how much", "uk": "що і скільки"})
HIDES_ANSWER: Final = Template(
    "hides.answer", {"en": "what belongs to what", "uk": "що до чого належить"}
)
HIDES_TIME: Final = Template("hides.time", {"en": "when it was", "uk": "коли це було"})
HIDES_SIGHT: Final = Template(
    "hides.sight", {"en": "what was seen, and by whom", "uk": "що бачено і ким"}
)
HIDES_OTHER: Final = Template("hides.other", {"en": "what was reported", "uk": "про що донесено"})
# What cannot be told without them, where that is nothing.
NONE_HANGS: Final = Template("hides.none", {"en": "no finding", "uk": "жодного зауваження"})

# Of the steps of a fund.
STEPS: Final = {
    step: Template(f"step.{step}", {"en": step, "uk": uk})
    for step, uk in {
        "commitment": "зобов'язання",
        "disbursement": "виплата",
        "expenditure": "видаток",
        "return": "повернення",
    }.items()
}


def name_things(items: Collection[str], known: Mapping[str, KnownThing]) -> Phrase:
    """Some things in words: one or two by name, more by how many of which type."""
    if not items:
        return NOTHING()
    if len(items) <= 2:
        first, *rest = items
        return TWO(first=first, second=rest[0]) if rest else ONE(first=first)
    types = Counter((known[key].type if key in known else "") or "things" for key in items)
    counts = tuple(
        COUNT(count=count, type=UNTYPED() if kind == "things" else kind)
        for kind, count in sorted(types.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    more = len(counts) - _MOST_NAMED
    return MORE(counts=counts[:_MOST_NAMED], more=more) if more > 0 else MANY(counts=counts)


def day(time: int) -> Phrase:
    """The day of an instant (ms), as `2023-03-01`, in UTC; in words where no calendar has it."""
    if time < _CALENDAR[0] or time > _CALENDAR[1]:
        return NO_DAY()
    return DAY(day=(_EPOCH + timedelta(milliseconds=time)).date().isoformat())


def span(time: int) -> Phrase:
    """A duration of so many ms, in the largest unit that fits."""
    for template, size in SPANS[:-1]:
        if time >= 2 * size:
            return template(count=time // size)
    return SPANS[-1][0](count=time // 1000)


def name_step(step: str) -> Value:
    """A step of a fund; as it stands where it is none, such as one that is withheld."""
    return STEPS[step]() if step in STEPS else step
