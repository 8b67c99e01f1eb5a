"""TIME-*: clocks that went back, events from the future, reports that came late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family
from chainlog.audit.finding import Spot
from chainlog.custody.act import DAY_MS
from chainlog.events.kinds import CUSTODY
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.act import Act

_MINUTE_MS: Final = 60_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The first and last millisecond of the years 1 to 9999; an instant with an offset may lie beyond.
_CALENDAR: Final = (-62_135_596_800_000, 253_402_300_799_999)


class Clocks(Family):
    """What the clocks say that cannot be."""

    codes: ClassVar = ("TIME-BACK", "TIME-FUTURE", "TIME-LATE")
    kinds: ClassVar = frozenset(shape.kind for shape in CUSTODY)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """When it happened, and when it was recorded."""
        counts = act.standing != "taken back"
        ahead = act.happened - act.time
        if counts and ahead > self.settings.clock_minutes * _MINUTE_MS:
            told = (
                f"{act.kind} by {act.signer.name} happened {span(ahead)} later than it was "
                "recorded, by the clocks"
            )
            says = f"{told}: check the clock, correct the entry"
            yield Spot(
                "TIME-FUTURE", (act.id,), says, act, (), act.ids, act.party, act.text("place")
            )
        ahead = act.time - self.source.as_of
        if ahead > self.settings.clock_minutes * _MINUTE_MS:
            says = (
                f"{act.kind} by {act.signer.name} was recorded {span(ahead)} later than this "
                "audit, by the clocks: check both clocks"
            )
            yield Spot(
                "TIME-FUTURE", (act.id,), says, act, (), act.ids, act.party, act.text("place")
            )
        late = act.time - act.happened
        if counts and late > self.settings.late_days * DAY_MS:
            says = (
                f"{act.kind} by {act.signer.name} was recorded {late // DAY_MS} days after it "
                "happened: ask why"
            )
            yield Spot("TIME-LATE", (act.id,), says, act, (), act.ids, act.party, act.text("place"))

    @override
    def rest(self) -> Iterator[Spot]:
        """What only neighbours and citations show."""
        most = self.settings.clock_minutes * _MINUTE_MS
        for chain in self.source.chains:
            for entry, index, back, name in chain.back:
                says = (
                    f"entry {index} of {chain.site}, by {name}: its clock stands {span(back)} "
                    "before the entry before it: check the clock"
                )
                yield Spot(
                    "TIME-BACK", (entry,), says, None, (), (entry,), chain.site, "", chain.id, index
                )
            for entry, index, ahead, name, witness in chain.unwitnessed:
                if abs(ahead) > most:
                    code, way = ("TIME-FUTURE", "later") if ahead > 0 else ("TIME-BACK", "earlier")
                    told = (
                        f"entry {index} of {chain.site}, by {name}: its clock stands "
                        f"{span(abs(ahead))} {way} than the witness {witness}"
                    )
                    says = f"{told} shows that it was made: check the clock, and ask"
                    yield Spot(
                        code,
                        (entry, "witness"),
                        says,
                        None,
                        (),
                        (entry,),
                        chain.site,
                        "",
                        chain.id,
                        index,
                    )
            if chain.last - self.source.as_of > most:
                # Of whatever kind it is: a clock that stands ahead hides that a chain fell silent.
                told = (
                    f"the last entry of {chain.site} was recorded "
                    f"{span(chain.last - self.source.as_of)} later than this audit"
                )
                says = f"{told}, by the clocks: check both clocks"
                yield Spot(
                    "TIME-FUTURE",
                    (chain.last_id,),
                    says,
                    None,
                    (),
                    (chain.last_id,),
                    chain.site,
                    "",
                    chain.id,
                    chain.size - 1,
                )
        for cited, citing, ahead in self.source.early:
            if ahead > most:
                told = (
                    f"{cited.kind} by {cited.signer.name} was cited by {citing.signer.name} "
                    f"{span(ahead)} before it was recorded"
                )
                says = f"{told}, by the clocks: one of the two clocks is wrong"
                yield Spot(
                    "TIME-FUTURE",
                    (cited.id,),
                    says,
                    cited,
                    (),
                    cited.ids,
                    cited.party,
                    cited.text("place"),
                )


def day(time: int) -> str:
    """The day of an instant (ms), as `2023-03-01`, in UTC; in words where no calendar has it."""
    if time < _CALENDAR[0] or time > _CALENDAR[1]:
        return "a day that no calendar has"
    return (_EPOCH + timedelta(milliseconds=time)).date().isoformat()


def span(time: int) -> str:
    """A duration of so many ms, in the largest unit that fits."""
    for unit, size in (("days", DAY_MS), ("hours", 3_600_000), ("minutes", _MINUTE_MS)):
        if time >= 2 * size:
            return f"{time // size} {unit}"
    return f"{time // 1000} seconds"
