"""TERM-AFTER, RESURRECT, LOSS-*: things after their end, and losses badly reported.

They tell what was said of things after their end. They also tell of losses reported late, in part,
or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.clocks import day
from chainlog.audit.family import Family, Source
from chainlog.audit.finding import Spot
from chainlog.custody.act import DAY_MS, milliseconds
from chainlog.events.kinds import kinds_that
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.state import Custody

# What a loss should say, by the field and in words.
_DETAILS: Final = {"lost_on": "date", "place": "place"}


class Ends(Family):
    """Things used after their end, or seen again though nobody found them."""

    codes: ClassVar = ("TERM-AFTER", "RESURRECT")

    @override
    def item(self, state: Custody) -> Iterator[Spot]:
        """What the fold of one item noted."""
        for broken in state.breaks:
            act, other = broken.act, broken.other
            if broken.code in self.codes and other is not None:
                cure = (
                    "correct one of the two"
                    if broken.code == "TERM-AFTER"
                    else "record that it was found, or correct the entry"
                )
                says = f"{{things}}: {broken.how}: {cure}"
                yield Spot(
                    broken.code,
                    (act.id,),
                    says,
                    act,
                    (state.key,),
                    act.ids,
                    act.party,
                    act.text("place"),
                )


def delay_days(final: Act, initial: Act | None = None) -> int | None:
    """Whole days from the day of a loss to that of its final report.

    None where neither report has the date of the loss.
    """
    lost_on = final.text("lost_on") or (initial.text("lost_on") if initial is not None else "")
    return final.when // DAY_MS - milliseconds(lost_on) // DAY_MS if lost_on else None


def initial_of(final: Act, source: Source) -> Act | None:
    """The initial report that a final one makes final, or None.

    It is given where the final report names one that is held and stands.
    """
    initial = source.book.cited(final, "initial")
    if (
        initial is None
        or initial.does.step != "loses"
        or initial.standing == "taken back"
        or initial.text("report") != "initial"
    ):
        return None
    return initial


class Losses(Family):
    """Reports of losses."""

    codes: ClassVar = ("LOSS-LATE", "LOSS-NODATE", "LOSS-OPEN")
    kinds: ClassVar = kinds_that("loses")

    def __init__(self, source: Source, settings: Settings) -> None:
        super().__init__(source, settings)
        # Of initial reports: the things that final ones which name them list, and what these say
        # that the initial one may not.
        self.final: defaultdict[bytes, set[str]] = defaultdict(set)
        self.told: defaultdict[bytes, set[str]] = defaultdict(set)
        # The latest final report of a thing that names no initial one.
        self.alone: dict[str, int] = {}
        for act in source.book.acts(*self.kinds):
            if act.standing != "taken back" and act.text("report") == "final":
                initial = initial_of(act, source)
                things = [key for key, _ in source.book.things(act)]
                if initial is not None:
                    self.final[initial.id].update(things)
                    self.told[initial.id].update(name for name in _DETAILS if act.text(name))
                else:
                    self.alone.update(
                        (key, max(act.when, self.alone.get(key, act.when))) for key in things
                    )

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """What one report shows."""
        if act.standing == "taken back":
            return
        things = tuple(key for key, _ in self.source.book.things(act))
        initial = initial_of(act, self.source) if act.text("report") == "final" else None
        if act.text("report") == "final":
            days = delay_days(act, initial)
            if days is not None and days > self.settings.loss_days:
                says = (
                    f"the final report of {{things}} came {days} days after the loss, "
                    f"{self.settings.loss_days} are allowed"
                )
                yield self._spot("LOSS-LATE", act, says, things)
        elif self.source.as_of - act.when > self.settings.loss_days * DAY_MS:
            still = tuple(
                key
                for key in things
                if key not in self.final.get(act.id, ())
                and self.alone.get(key, act.when - 1) < act.when
            )
            if still:
                asked = f"ask {act.text('holder')} for the final report"
                yield self._spot(
                    "LOSS-OPEN",
                    act,
                    f"the loss of {{things}} was reported on {day(act.when)} and never "
                    f"made final: {asked}",
                    still,
                )
        missing = [
            word
            for name, word in _DETAILS.items()
            if not act.text(name) and name not in self.told.get(act.id, ())
        ]
        if missing and initial is None:
            says = (
                f"the loss of {{things}} has no {' and no '.join(missing)}: ask "
                f"{act.text('holder')}, and report it in the final report"
            )
            yield self._spot("LOSS-NODATE", act, says, things)

    def _spot(self, code: str, act: Act, says: str, things: tuple[str, ...]) -> Spot:
        return Spot(
            code, (act.id,), says, act, things, act.ids, act.text("holder"), act.text("place")
        )
