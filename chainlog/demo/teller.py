"""The telling of the story: one clock that runs all tales, and the steps that they sign.

A tale is a generator that yields the instant at which it goes on. Each site's steps follow each
other in time, whatever the clock of the machine that they are signed on says.
"""

from __future__ import annotations

import hashlib
import heapq
import html
import itertools
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from chainlog.demo.stock import Holdings, digest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from decimal import Decimal

    from chainlog.demo.remarks import Correction
    from chainlog.demo.rows import Keyholder, Leg, Name, Party, Positive, SeedRow, Site, Text
    from chainlog.demo.seeds import Seeds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAG_MS = 60_000  # from the event to its signature, and up to half as much again
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Cite:
    """Stands for the id of the entry that the step called `label` becomes."""

    label: str


@dataclass(frozen=True, slots=True)
class StepIndex:
    """Stands for the index of the entry that the step called `label` becomes."""

    label: str


@dataclass(frozen=True, slots=True)
class Person:
    """Stands for the key id of the person called `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One entry to be signed.

    `fields` is the event as in docs/field.md, or the body of a governing kind as in FORMAT.md 8.

    Within `fields`, `Cite`, `StepIndex` and `Person` stand for what is not known before the chains
    exist; parts are shared between steps and must not be changed. `time` is when it is signed, in
    milliseconds since the epoch; the clock that it is signed by says `clock`, and is `slow` by so
    much. `attached` holds the bytes of its attachments that are held, in order.
    """

    site: str
    person: str
    time: int
    kind: str
    fields: dict[str, Any]
    label: str
    attached: tuple[bytes, ...] = ()
    slow: int = 0

    @property
    def clock(self) -> int:
        """What the header says, in milliseconds since the epoch."""
        return self.time - self.slow


Tale: TypeAlias = "Generator[datetime, None, None]"


class Teller:
    """What is true at the moment, and what was told so far.

    `truth`: each step as it would have been told without a mistake.
    """

    parties: dict[Name, Party]
    people: dict[Text, Keyholder]
    sites: dict[Name, Site]
    days_late: dict[str, Positive]
    slow: dict[str, Positive]
    held: Holdings
    turn: itertools.count[int]

    def __init__(self, seeds: Seeds) -> None:
        self.seeds = seeds
        self.parties = {party.id: party for party in seeds.parties}
        self.people = {person.name: person for person in seeds.people}
        self.sites = {site.id: site for site in seeds.sites}
        self.said: dict[str, Correction] = {
            correction.entry: correction for correction in seeds.corrections
        }
        self.days_late = {late.entry: late.days for late in seeds.delays}
        self.slow = {clock.entry: clock.minutes for clock in seeds.clocks}
        self.held = Holdings(seeds)
        self.left: dict[str, Decimal] = {}
        self.papers: Counter[str] = Counter()
        self.pictures: dict[str, bytes] = {}
        self.truth: dict[str, Step] = {}
        self.told: list[Step] = []
        self.clock: dict[str, int] = {}
        self.waiting: list[tuple[datetime, int, Tale]] = []
        self.turn = itertools.count()

    def run(self, tales: Iterable[Tale]) -> list[Step]:
        """Give every tale its turn, in order of time and then of the files."""
        for tale in tales:
            self.start(tale)
        while self.waiting:
            _, turn, tale = heapq.heappop(self.waiting)
            self.start(tale, turn)
        return sorted(self.told, key=lambda step: step.time)

    def start(self, tale: Tale, turn: int | None = None) -> None:
        """Run a tale until it waits, and let it wait."""
        for at in tale:
            heapq.heappush(
                self.waiting, (at.astimezone(UTC), next(self.turn) if turn is None else turn, tale)
            )
            return

    def signer(
        self, row: SeedRow, party: str, at: datetime, *, beside: str = "", named: str = ""
    ) -> Keyholder:
        """The person who is named, else the custodian of a party.

        For one that has none, the recorder at the site of one `beside` it.
        """
        if named:
            return self.people[named]
        able = [person for person in self.people.values() if person.in_force(at)]
        sites = {person.site for person in able if person.party == beside}
        for person in able:
            if person.party == party and "custodian" in person.roles:
                return person
        for person in able:
            if person.site in sites and "recorder" in person.roles:
                return person
        raise row.fault("at", f"nobody can sign for {party} then")

    def owner(self, site: str) -> Keyholder:
        """Who governs a chain, from its first entry."""
        for person in self.people.values():
            if person.site == site and "owner" in person.roles and person.granted is None:
                return person
        raise self.sites[site].fault("id", "nobody here is an owner from the first entry")

    def sign(
        self,
        row: SeedRow,
        who: Keyholder,
        at: datetime,
        label: str,
        fields: dict[str, Any],
        *,
        kind: str = "",
        attached: tuple[bytes, ...] = (),
    ) -> None:
        """Tell a step, a moment after `at` and after the one before it at this site.

        `kind`: that with which `label` begins, unless said.
        """
        if not who.in_force(at) or at <= self.sites[who.site].opened:
            raise row.fault("at", f"{who.name} has no key in force then")
        if label in self.truth:
            raise row.fault("label", f"{label!r} is told twice")
        lag = _LAG_MS + int(digest(label)[:4], 16) % (_LAG_MS // 2)
        time = max(milliseconds(at) + lag, self.clock.get(who.site, 0) + 1000)
        self.clock[who.site] = time
        slow = self.slow.get(label, 0) * _MINUTE_MS
        kind = kind or label.partition("/")[0]
        self.truth[label] = Step(who.site, who.name, time, kind, fields, label, attached, slow)
        told = _misspoken(fields, self.said[label].said) if label in self.said else fields
        self.told.append(Step(who.site, who.name, time, kind, told, label, attached, slow))

    def say(
        self,
        row: SeedRow,
        party: str,
        at: datetime,
        label: str,
        fields: dict[str, Any],
        *,
        who: Keyholder | None = None,
        photo: str = "",
        of: str = "",
    ) -> None:
        """Sign an event of custody in which a party acts, by `who` or else its custodian.

        `label` begins with its kind; what is empty is left out.

        `photo`: whether there is one, of what is called `of`, as `seeds/README.md` has it.
        """
        who = who or self.signer(row, party, at)
        common = {
            "event_time": instant(at - timedelta(minutes=self.slow.get(label, 0))),
            "place": self.parties[party].place,
            "on_behalf_of": self.parties[party].name if "recorder" in who.roles else "",
        }
        pictures = self._pictures(row, label, photo, of) if photo not in {"", "false"} else ()
        listed = [
            {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "type": "image/svg+xml"}
            for data in pictures
        ]
        event = {
            name: value
            for name, value in (common | fields | {"attachments": listed}).items()
            if value not in ("", [])
        }
        attached = pictures if photo != "unheld" else ()

        def late() -> Tale:
            """Signed only days after."""
            then = at + timedelta(days=self.days_late[label])
            yield then
            self.sign(row, who, then, label, event, attached=attached)

        if label in self.days_late:
            self.start(late())
        else:
            self.sign(row, who, at, label, event, attached=attached)

    def _pictures(self, row: SeedRow, label: str, photo: str, of: str) -> tuple[bytes, ...]:
        """A picture of one's own, or another row's."""
        if photo in {"true", "unheld"}:
            taken = _picture(f"{label} {of}")
            self.pictures.setdefault(getattr(row, "id", ""), taken)
            return (taken,)
        if photo not in self.pictures:
            raise row.fault("photo", f"no row called {photo!r} has taken a picture so far")
        return (self.pictures[photo],)

    def document(self, row: Leg, at: datetime) -> str:
        """A number that no other paper of the sender bears.

        As on a DD 1348-1A for what is sent, a waybill's for what is handed over.
        """
        sender = self.parties[row.sender]
        begin = sender.requisitions if row.how == "dispatch" else sender.waybills
        if not begin:
            raise row.fault("from", f"{sender.id} has no numbers for the papers of a {row.how}")
        self.papers[begin] += 1
        number = self.papers[begin]
        return (
            f"{begin}{at.year % 10}{at:%j}{number:04}"
            if row.how == "dispatch"
            else f"{begin}-{number:05}"
        )

    def cited(self, row: SeedRow, field: str, label: str) -> Step:
        """The step that bears a label, which must be told by now."""
        if label not in self.truth:
            raise row.fault(field, f"no step is called {label!r} so far")
        return self.truth[label]


def milliseconds(at: datetime) -> int:
    """Since the epoch."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def instant(at: datetime) -> str:
    """As events write it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _misspoken(fields: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """An event as it was first told (`Correction`)."""
    own = {name: value for name, value in said.items() if name in fields}
    rest = {name: value for name, value in said.items() if name not in fields}
    return fields | ({"lines": [line | rest for line in fields["lines"]]} if rest else {}) | own


def _picture(caption: str) -> bytes:
    """Stands in for a photograph."""
    text = html.escape(caption)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="60"><text x="8" '
        f'y="36">{text}</text></svg>\n'
    ).encode()
