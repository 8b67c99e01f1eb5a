"""The demo's story: files of seeds in, what people sign over a year out.

`tell(seeds)` plays what `seedfile.parse_seeds` read and gives the steps, sorted by time.

Every row is one small tale of its own, a generator that yields the instant at which it goes on: a leg is advised, sent, received
and accepted. One clock runs all tales, and what each picks, it picks from what its party holds at that moment, by a hash of the
row's own name. So a number in a file can be changed and the rest follows; what cannot follow is an error with its line.

Steps told word for word (`statements.toml`) are not reckoned with: the other tales do not know of them. That is how something
that does not add up is put into an otherwise sound story. No clock, no randomness, no floats.
"""

from __future__ import annotations

import hashlib
import heapq
import html
import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from chainlog.seedrows import (
    Correction,
    Design,
    Disposal,
    Fund,
    Inspection,
    Item,
    Keyholder,
    Leg,
    Loss,
    Lot,
    Packing,
    Paper,
    Row,
    Seeds,
    Share,
    Statement,
    Stocktaking,
    Thing,
    Use,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

LINES_AN_EVENT = 50  # how many things one paper lists
_BETWEEN_PAPERS = timedelta(minutes=6)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAG_MS = 60_000  # from the event to its signature, and up to half as much again
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cite:
    """Stands for the id of the entry that the step called `label` becomes."""

    label: str


@dataclass(frozen=True, slots=True)
class Person:
    """Stands for the key id of the person called `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One entry to be signed. `fields` is the event as in FIELD.md, or the body of a governing kind as in FORMAT.md 8.

    Within `fields`, `Cite` and `Person` stand for what is not known before the chains exist; parts are shared between steps and
    must not be changed. `time` is in milliseconds since the epoch. `attached` holds the bytes of its attachments, in order.
    """

    site: str
    person: str
    time: int
    kind: str
    fields: dict[str, Any]
    label: str
    attached: tuple[bytes, ...] = ()


def tell(seeds: Seeds) -> list[Step]:
    """Play the seeds and give the steps in order of time, strictly rising within a site.

    Raises:
        IntakeError: a row asks for more than its party holds, a signer without a key in force, a label that no step bears.

    """
    return _Teller(seeds).run()


Tale: TypeAlias = "Generator[datetime, None, None]"


class _Teller:
    """What is true at the moment: who holds what, in which condition, and what was told so far."""

    def __init__(self, seeds: Seeds) -> None:
        self.seeds = seeds
        self.parties = {party.id: party for party in seeds.parties}
        self.people = {person.name: person for person in seeds.people}
        self.sites = {site.id: site for site in seeds.sites}
        self.lots = {lot.id: lot for lot in seeds.lots}
        self.shipments = {leg.what for leg in seeds.legs if leg.how == "register"}
        self.said = {correction.entry: correction.said for correction in seeds.corrections}
        self.holder: dict[Item, str] = {}
        self.condition = {item: item.design.condition for item in seeds.items}
        self.stock: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.tied: set[Item] = set()  # packed, or promised to a paper already
        self.short: dict[str, list[Thing]] = {}
        self.left: dict[str, Decimal] = {}
        self.papers: Counter[str] = Counter()
        self.truth: dict[str, Step] = {}
        self.told: list[Step] = []
        self.clock: dict[str, int] = {}
        self.waiting: list[tuple[datetime, int, Tale]] = []
        self.turn = itertools.count()

    def run(self) -> list[Step]:
        """Give every tale its turn, in order of time and then of the files."""
        for tale in self.tales():
            self.start(tale)
        while self.waiting:
            _, turn, tale = heapq.heappop(self.waiting)
            self.start(tale, turn)
        return sorted(self.told, key=lambda step: step.time)

    def start(self, tale: Tale, turn: int | None = None) -> None:
        """Run a tale until it waits, and let it wait."""
        for at in tale:
            heapq.heappush(self.waiting, (at.astimezone(UTC), next(self.turn) if turn is None else turn, tale))
            return

    def tales(self) -> Iterator[Tale]:
        """One for each row."""
        seeds = self.seeds
        yield from map(self.key, seeds.people)
        yield from map(self.leg, seeds.legs)
        yield from map(self.packing, seeds.packings)
        yield from map(self.inspection, seeds.inspections)
        yield from map(self.loss, seeds.losses)
        yield from map(self.use, seeds.uses)
        yield from map(self.disposal, seeds.disposals)
        yield from map(self.stocktaking, seeds.stocktakings)
        yield from map(self.fund, seeds.funds)
        yield from map(self.statement, seeds.statements)
        yield from map(self.correction, seeds.corrections)

    # ------------------------------------------------------------------------------------------------- who holds what

    def things(self, row: Row, party: str, what: str, count: str) -> list[Thing]:
        """So many of what a party holds, or all.

        `what` is the id of a lot, of a leg (what fell short on it), of a row of the fleet or of a shipment, a category or a type;
        after a colon, the conditions asked for. What is packed or promised is passed over.
        """
        if what in self.short:
            return self.short.pop(what)
        if what in self.lots:
            return [Share(self.lots[what], self.amount(row, party, what, count))]
        found: list[Thing] = [*self.items(row, party, what, count)]
        if not found:
            raise row.fault("what", f"{party} holds nothing of {what} then")
        return found

    def amount(self, row: Row, party: str, lot: str, count: str) -> Decimal:
        """A quantity of a lot, which the party must hold."""
        held = self.stock[party, lot]
        asked = Decimal(count) if count else held
        if not _NOTHING < asked <= held:
            raise row.fault("count", f"{party} holds {_decimal(held)} of the lot {lot} then")
        return asked

    def items(self, row: Row, party: str, what: str, count: str) -> list[Item]:
        """The items that `things` speaks of, in the order of the fleet."""
        word, _, conditions = what.partition(":")
        pool = [
            item
            for item, holder in self.holder.items()
            if holder == party and item not in self.tied and item.answers(word) and (not conditions or self.condition[item] in conditions)
        ]
        if not count:
            return pool
        if not count.isdecimal() or not 0 < int(count) <= len(pool):
            raise row.fault("count", f"{party} holds {len(pool)} of {what} then, not {count}")
        chosen = set(sorted(pool, key=lambda item: _digest(row.source.partition(":")[0], getattr(row, "id", ""), item.name))[: int(count)])
        return [item for item in pool if item in chosen]

    def take(self, row: Row, things: Iterable[Thing], party: str) -> None:
        """Out of a party's hands."""
        for thing in things:
            if isinstance(thing, Item):
                self.holder.pop(thing, None)
            else:
                self.stock[party, thing.lot.id] -= self.amount(row, party, thing.lot.id, str(thing.quantity))

    def put(self, things: Iterable[Thing], party: str) -> None:
        """Into a party's hands."""
        for thing in things:
            if isinstance(thing, Item):
                self.holder[thing] = party
            else:
                self.stock[party, thing.lot.id] += thing.quantity

    def tie(self, things: Iterable[Thing]) -> None:
        """Nothing else may pick these."""
        self.tied.update(thing for thing in things if isinstance(thing, Item))

    def untie(self, things: Iterable[Thing]) -> None:
        """They may be picked again."""
        self.tied.difference_update(thing for thing in things if isinstance(thing, Item))

    def line(self, thing: Thing, *, first: bool = False) -> dict[str, Any]:
        """The line that lists a thing; all about it the first time, then only a condition worth telling."""
        if isinstance(thing, Item):
            condition = self.condition[thing]
            about = {"nsn": thing.design.nsn, "type": thing.design.type, "value": _value(thing.design, Decimal(1))} if first else {}
            return {"item": thing.ref} | about | ({"condition": condition} if first or condition != "A" else {})
        about = {"type": thing.lot.type, "condition": "A", "value": _value(thing.lot, thing.quantity)} if first else {}
        identity = {"nsn": thing.lot.nsn, "number": thing.lot.number}
        return {"lot": identity, "quantity": _decimal(thing.quantity), "unit": thing.lot.unit_of_issue} | about

    def lines(self, things: Iterable[Thing], *, first: bool = False) -> list[dict[str, Any]]:
        """A line for each thing."""
        return [self.line(thing, first=first) for thing in things]

    # ------------------------------------------------------------------------------------------------------ who signs

    def signer(self, row: Row, party: str, at: datetime, beside: str = "") -> Keyholder:
        """The custodian of a party; for one that has none, the recorder at the site of the party `beside` it."""
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
        self, row: Row, who: Keyholder, at: datetime, label: str, fields: dict[str, Any], *, kind: str, attached: tuple[bytes, ...] = ()
    ) -> None:
        """Tell a step, a moment after it happened and after the one before it at this site."""
        if not who.in_force(at) or at <= self.sites[who.site].opened:
            raise row.fault("at", f"{who.name} has no key in force then")
        if label in self.truth:
            raise row.fault("label", f"{label!r} is told twice")
        lag = _LAG_MS + int(_digest(label)[:4], 16) % (_LAG_MS // 2)
        time = max((at - _EPOCH) // timedelta(milliseconds=1) + lag, self.clock.get(who.site, 0) + 1000)
        self.clock[who.site] = time
        self.truth[label] = Step(who.site, who.name, time, kind, fields, label, attached)
        told = _misspoken(fields, self.said[label]) if label in self.said else fields
        self.told.append(Step(who.site, who.name, time, kind, told, label, attached))

    def say(self, row: Row, who: Keyholder, at: datetime, label: str, fields: dict[str, Any], *, party: str, photo: str = "") -> None:
        """Sign an event of custody in which a party acts. `label` begins with its kind; what is empty is left out."""
        common = {
            "event_time": _instant(at),
            "place": self.parties[party].place,
            "on_behalf_of": self.parties[party].name if "recorder" in who.roles else "",
        }
        pictures = (_picture(f"{label} {photo}"),) if photo else ()
        listed = [{"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "type": "image/svg+xml"} for data in pictures]
        event = {name: value for name, value in (common | fields | {"attachments": listed}).items() if value not in ("", [])}
        self.sign(row, who, at, label, event, kind=label.partition("/")[0], attached=pictures)

    def document(self, row: Leg, at: datetime) -> str:
        """A number that no other paper of the sender bears: as on a DD 1348-1A for what is sent, a waybill's for what is handed over."""
        sender = self.parties[row.sender]
        begin = sender.requisitions if row.how == "dispatch" else sender.waybills
        if not begin:
            raise row.fault("from", f"{sender.id} has no numbers for the papers of a {row.how}")
        self.papers[begin] += 1
        number = self.papers[begin]
        return f"{begin}{at.year % 10}{at:%j}{number:04}" if row.how == "dispatch" else f"{begin}-{number:05}"

    # ---------------------------------------------------------------------------------------------------------- tales

    def key(self, row: Keyholder) -> Tale:
        """A key granted or revoked in the course of the year."""
        note = {"note": row.note} if row.note else {}
        if row.granted:
            yield row.granted
            fields = {"key": Person(row.name), "roles": [*row.roles], "holder": {"name": row.name, "party": self.parties[row.party].name}}
            self.sign(row, self.owner(row.site), row.granted, f"key.grant/{row.name}", fields | note, kind="key.grant")
        if row.revoked:
            yield row.revoked
            fields = {"key": Person(row.name), "reason": row.reason}
            self.sign(row, self.owner(row.site), row.revoked, f"key.revoke/{row.name}", fields | note, kind="key.revoke")

    def leg(self, leg: Leg) -> Tale:
        """What is to go, on as many papers as it takes."""
        yield leg.consented or leg.advised or leg.at
        papers = _papers(self.cargo(leg))
        whole = [number for number, things in enumerate(papers) if isinstance(things[0], Item)]
        if leg.short and (not whole or leg.short >= len(papers[whole[-1]])):
            raise leg.fault("short", "the last paper must list more items than fall short")
        for number, things in enumerate(papers):
            self.tie(things)
            short = bool(leg.short) and number == whole[-1]
            end = "short" if short else str(number + 1)
            paper = Paper(leg, f"{leg.id}/{end}", number * _BETWEEN_PAPERS, things, (leg.short or 0) if short else 0)
            self.start(self.entering(paper) if leg.how == "register" else self.going(paper))

    def cargo(self, leg: Leg) -> list[Thing]:
        """What a leg carries: of a shipment, whatever is bound for the receiver or for one supplied through it."""
        if leg.what not in self.shipments:
            return self.things(leg, leg.sender, leg.what, leg.count)
        lots = [lot for lot in self.seeds.lots if lot.shipment == leg.what]
        if leg.how == "register":
            return [*(item for item in self.seeds.items if item.shipment == leg.what), *(Share(lot, Decimal(lot.quantity)) for lot in lots)]
        shares = (Share(lot, left) for lot in lots if (left := self.stock[leg.sender, lot.id]))
        held: list[Thing] = [*self.items(leg, leg.sender, leg.what, leg.count), *shares]
        return [thing for thing in held if leg.to in self.way(_about(thing).unit)]

    def way(self, party: str) -> Iterator[str]:
        """A party, and those through which it is supplied."""
        while party:
            yield party
            party = self.parties[party].supplied_by

    def entering(self, paper: Paper) -> Tale:
        """Into the programme."""
        leg, about, at = paper.leg, _about(paper.things[0]), paper.leg.at + paper.later
        yield at
        self.untie(paper.things)
        self.put(paper.things, leg.to)
        fields = {
            "lines": self.lines(paper.things, first=True),
            "owner": self.parties[about.owner].name,
            "holder": self.parties[leg.to].name,
            "monitoring": about.monitoring,
            "entry_mode": leg.entry_mode,
            "note": leg.note,
        }
        self.say(leg, self.signer(leg, leg.to, at), at, f"register/{paper.end}", fields, party=leg.to)

    def going(self, paper: Paper) -> Tale:
        """From the first word of it until it has left."""
        leg, later = paper.leg, paper.later
        fields = {"lines": self.lines(paper.things), "from": self.parties[leg.sender].name, "to": self.parties[leg.to].name}
        if leg.consented and leg.until:
            yield leg.consented + later
            authority = self.owner(next(site.id for site in self.seeds.sites if site.authority))
            consent = fields | {"until": f"{leg.until:%Y-%m-%d}", "entry_mode": "manual"}
            self.say(leg, authority, leg.consented + later, f"consent/{paper.end}", consent, party=authority.party)
        fields["document"] = self.document(leg, (leg.advised or leg.at) + later)
        giver = self.signer(leg, leg.sender, leg.at)
        if leg.advised:
            yield leg.advised + later
            self.say(leg, giver, leg.advised + later, f"advise/{paper.end}", fields | {"entry_mode": "import"}, party=leg.sender)
        yield leg.at + later
        self.untie(paper.things)
        self.take(leg, paper.things, leg.sender)
        note = leg.note if leg.how == "transfer" else ""
        sent = fields | {"entry_mode": leg.entry_mode, "note": note}
        self.say(leg, giver, leg.at + later, f"{leg.how}/{paper.end}", sent, party=leg.sender)
        yield from self.coming(paper, fields)

    def coming(self, paper: Paper, fields: dict[str, Any]) -> Tale:
        """What the other party does: counts what was sent, and signs for what it was sent or handed."""
        leg, later = paper.leg, paper.later
        seen, missed = paper.things[: len(paper.things) - paper.short], paper.things[len(paper.things) - paper.short :]
        note = leg.note if missed or not leg.short else ""
        if missed:
            self.short[leg.id] = missed
        if leg.how == "transfer":
            self.put(seen, leg.to)
        elif leg.arrived:
            yield leg.arrived + later
            self.put(seen, leg.to)
            counted = fields | {"lines": self.lines(seen), "entry_mode": leg.entry_mode, "note": note}
            who = self.signer(leg, leg.to, leg.arrived + later, leg.sender)
            self.say(leg, who, leg.arrived + later, f"receive/{paper.end}", counted, party=leg.to)
        if leg.accepted:
            yield leg.accepted + later
            who = self.signer(leg, leg.to, leg.accepted + later, leg.sender)
            mode = "paper" if "recorder" in who.roles else "manual"
            answer = {"document": fields["document"], "agreed": not missed, "lines": self.lines(seen) if missed else [], "entry_mode": mode}
            self.say(leg, who, leg.accepted + later, f"accept/{paper.end}", answer, party=leg.to)

    def packing(self, row: Packing) -> Tale:
        """Into a container, and out of it."""
        yield row.at
        container = self.items(row, row.holder, row.container, "1")
        self.tie(container)
        items = self.items(row, row.holder, row.what, row.count)
        self.tie(items)
        fields = {"container": container[0].ref, "items": [item.ref for item in items], "seal": row.seal, "entry_mode": "scan"}
        who = self.signer(row, row.holder, row.at)
        self.say(row, who, row.at, f"pack/{row.id}", fields | {"note": row.note}, party=row.holder)
        if row.unpacked:
            yield row.unpacked
            self.untie(items + container)
            self.say(row, self.signer(row, row.holder, row.unpacked), row.unpacked, f"unpack/{row.id}", fields, party=row.holder)

    def inspection(self, row: Inspection) -> Tale:
        """One item after another."""
        yield row.at
        items = self.items(row, row.holder, row.what, row.count)
        self.tie(items)
        for number, item in enumerate(items):
            at = row.at + number * timedelta(minutes=row.every_minutes)
            yield at
            fields = {"item": item.ref, "was": self.condition[item], "now": row.now, "entry_mode": row.entry_mode, "note": row.note}
            self.condition[item] = row.now
            self.untie([item])
            photo = item.name if row.photo else ""
            self.say(row, self.people[row.person], at, f"inspect/{row.id}/{number + 1}", fields, party=row.holder, photo=photo)

    def loss(self, row: Loss) -> Tale:
        """Gone; said so finally; perhaps not gone after all."""
        yield row.at
        things = self.things(row, row.holder, row.what, row.count)
        self.take(row, things, row.holder)
        fields: dict[str, Any] = {"lines": self.lines(things), "holder": self.parties[row.holder].name, "cause": row.cause}
        fields |= {name: f"{day:%Y-%m-%d}" for name in ("lost_on", "discovered_on") if (day := getattr(row, name))}
        fields |= {"place": row.place or self.parties[row.holder].place, "entry_mode": "manual"}
        photo = things[0].name if row.photo and isinstance(things[0], Item) else ""
        label = f"loss/{row.id}/initial"
        initial = fields | {"report": "initial", "note": row.note}
        self.say(row, self.signer(row, row.holder, row.at), row.at, label, initial, party=row.holder, photo=photo)
        if row.final:
            yield row.final
            final = fields | {"report": "final", "initial": Cite(label), "document": row.document}
            label = f"loss/{row.id}/final"
            self.say(row, self.signer(row, row.holder, row.final), row.final, label, final, party=row.holder)
        if row.found:
            yield row.found
            self.put(things, row.holder)
            again = {"lines": fields["lines"], "loss": Cite(label), "entry_mode": "scan"}
            self.say(row, self.signer(row, row.holder, row.found), row.found, f"found/{row.id}", again, party=row.holder)

    def use(self, row: Use) -> Tale:
        """A lot shrinks."""
        for number in range(row.times):
            at = row.at + number * timedelta(days=row.every_days)
            yield at
            things = [Share(self.lots[row.lot], self.amount(row, row.holder, row.lot, row.quantity))]
            self.take(row, things, row.holder)
            fields = {
                "lines": self.lines(things),
                "holder": self.parties[row.holder].name,
                "since": f"{at - timedelta(days=row.every_days - 1):%Y-%m-%d}",
                "until": f"{at:%Y-%m-%d}",
                "order": f"{row.order}/{number + 1}" if row.order else "",
                "entry_mode": row.entry_mode,
                "note": row.note,
            }
            who = self.people[row.person] if row.person else self.signer(row, row.holder, at)
            self.say(row, who, at, f"expend/{row.id}/{number + 1}", fields, party=row.holder)

    def disposal(self, row: Disposal) -> Tale:
        """The end of a thing, before a witness."""
        yield row.at
        things = self.things(row, row.holder, row.what, row.count)
        self.take(row, things, row.holder)
        fields = {
            "lines": self.lines(things),
            "holder": self.parties[row.holder].name,
            "means": row.means,
            "witnessed_by": row.witnessed_by,
            "entry_mode": "manual",
            "note": row.note,
        }
        self.say(row, self.signer(row, row.holder, row.at), row.at, f"destroy/{row.id}", fields, party=row.holder)

    def stocktaking(self, row: Stocktaking) -> Tale:
        """What a party holds, packed or not; its lots too where nothing is left out."""
        yield row.at
        held = [item for item, holder in self.holder.items() if holder == row.holder]
        seen: list[Thing] = [item for item in held if not row.what or item.answers(row.what)]
        if row.complete:
            seen += [Share(lot, left) for lot in self.seeds.lots if (left := self.stock[row.holder, lot.id])]
        fields = {
            "lines": self.lines(seen),
            "holder": self.parties[row.holder].name,
            "counter": row.person,
            "complete": row.complete,
            "entry_mode": row.entry_mode,
            "note": row.note,
        }
        self.say(row, self.people[row.person], row.at, f"inventory/{row.id}", fields, party=row.holder)

    def fund(self, row: Fund) -> Tale:
        """Money, which cannot be more than what it comes out of."""
        yield row.at
        amount = self.left[row.id] = Decimal(row.amount)
        fields: dict[str, Any] = {"step": row.step, "amount": _decimal(amount), "currency": row.currency, "document": row.document}
        fields |= {"from": self.parties[row.sender].name, "to": self.parties[row.to].name, "entry_mode": "manual", "note": row.note}
        if row.draws_on:
            left = self.left.get(row.draws_on, _NOTHING)
            if left < amount:
                raise row.fault("amount", f"{row.draws_on} has {_decimal(left)} left then")
            self.left[row.draws_on] = left - amount
            fields["draws_on"] = Cite(f"fund/{row.draws_on}")
        self.say(row, self.people[row.person], row.at, f"fund/{row.id}", fields, party=self.people[row.person].party)

    def correction(self, row: Correction) -> Tale:
        """What was told wrongly is told again as it was."""
        yield row.at
        true = self.cited(row, "entry", row.entry)
        fields = {"entry": Cite(row.entry), "reason": "wrong_data", "replacement": true.fields, "entry_mode": "manual", "note": row.note}
        who = self.people[row.person]
        self.say(row, who, row.at, f"correct/{row.entry}", fields, party=who.party)

    def statement(self, row: Statement) -> Tale:
        """Word for word."""
        yield row.at
        event: dict[str, Any] = {} if "." in row.kind else {"event_time": _instant(row.at)}
        event |= self.cited(row, "copy", row.copy).fields if row.copy else {}
        event |= {name: self.meant(row, value) for name, value in row.fields.items()}
        self.sign(row, self.people[row.person], row.at, row.label, event, kind=row.kind)

    def cited(self, row: Row, field: str, label: str) -> Step:
        """The step that bears a label, which must be told by now."""
        if label not in self.truth:
            raise row.fault(field, f"no step is called {label!r} so far")
        return self.truth[label]

    def meant(self, row: Row, value: object) -> object:
        """A value of a statement, with what stands for ids put in its place."""
        match value:
            case {"cite": str(label), **rest} if not rest:
                return Cite(self.cited(row, "fields", label).label)
            case {"person": str(name), **rest} if not rest and name in self.people:
                return Person(name)
            case dict():
                return {name: self.meant(row, inner) for name, inner in value.items()}
            case list():
                return [self.meant(row, inner) for inner in value]
            case str() | bool() | int():
                return value
            case _:
                raise row.fault("fields", f"write {value} as text")


def _papers(things: Iterable[Thing]) -> list[list[Thing]]:
    """The papers that list these things: one type and one owner a paper, as many lines as it holds."""
    papers: list[list[Thing]] = []
    for _, group in itertools.groupby(things, key=_heading):
        alike = list(group)
        papers += [alike[start : start + LINES_AN_EVENT] for start in range(0, len(alike), LINES_AN_EVENT)]
    return papers


def _heading(thing: Thing) -> tuple[str, str, str]:
    about = _about(thing)
    return about.owner, about.monitoring, thing.design.id if isinstance(thing, Item) else ""


def _about(thing: Thing) -> Design | Lot:
    return thing.design if isinstance(thing, Item) else thing.lot


def _value(about: Design | Lot, quantity: Decimal) -> dict[str, str]:
    """What a whole line is worth."""
    return {"amount": _decimal(Decimal(about.unit_value) * quantity), "currency": about.currency, "basis": about.basis}


def _misspoken(fields: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """An event as it was first told (`Correction`)."""
    own = {name: value for name, value in said.items() if name in fields}
    rest = {name: value for name, value in said.items() if name not in fields}
    return fields | ({"lines": [line | rest for line in fields["lines"]]} if rest else {}) | own


def _decimal(number: Decimal) -> str:
    """A decimal as FORMAT.md 1 writes it."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _picture(caption: str) -> bytes:
    """Stands in for a photograph."""
    text = html.escape(caption)
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="60"><text x="8" y="36">{text}</text></svg>\n'.encode()
