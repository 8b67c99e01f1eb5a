"""The demo's story: files of seeds in, what people sign over two years out.

`tell(seeds)` plays what `read.parse_seeds` read and gives the steps, sorted by time.

Every row is one small tale of its own: a leg is advised, sent, received and accepted (`shipments`),
things are packed, counted or lost (`upkeep`). One clock runs all tales (`teller`), and what each
picks, it picks from what its party holds at that moment (`stock`), by a hash of the row's own name.
So a number in a file can be changed and the rest follows; what cannot follow is an error with its
line.

What an audit is to find is planted in the same rows, or told word for word (`statements.toml`),
with which the other tales do not reckon. That is how something that does not add up is put into an
otherwise sound story. No clock, no randomness, no floats.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chainlog.custody.act import format_decimal
from chainlog.demo.shipments import leg
from chainlog.demo.teller import Cite, Person, Step, StepIndex, Tale, Teller, instant, milliseconds
from chainlog.demo.upkeep import disposal, inspection, loss, packing, stocktaking, use

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chainlog.demo.remarks import Correction, Statement
    from chainlog.demo.rows import Keyholder, MoneyRow, SeedRow
    from chainlog.demo.seeds import Seeds

_NOTHING = Decimal(0)


def tell(seeds: Seeds) -> list[Step]:
    """Play the seeds and give the steps in order of time.

    Within a site the times rise strictly, whatever their clocks say.

    Raises:
        IntakeError: a row asks for more than its party holds, a signer without a key in force, a
        label that no step bears.
    """
    teller = Teller(seeds)
    steps = teller.run(_tales(teller))
    _check_labels(teller)
    return steps


def _tales(teller: Teller) -> Iterator[Tale]:
    """One for each row."""
    seeds = teller.seeds
    yield from (_key(teller, row) for row in seeds.people)
    yield from (leg(teller, row) for row in seeds.legs)
    yield from (packing(teller, row) for row in seeds.packings)
    yield from (inspection(teller, row) for row in seeds.inspections)
    yield from (loss(teller, row) for row in seeds.losses)
    yield from (use(teller, row) for row in seeds.uses)
    yield from (disposal(teller, row) for row in seeds.disposals)
    yield from (stocktaking(teller, row) for row in seeds.stocktakings)
    yield from (_fund(teller, row) for row in seeds.funds)
    yield from (_statement(teller, row) for row in seeds.statements)
    yield from (_correction(teller, row) for row in seeds.corrections)


def _check_labels(teller: Teller) -> None:
    """What is said about a step, in a row of its own, is about one that is told.

    A finding's steps are told before the closing.
    """
    for late in teller.seeds.delays:
        teller.cited(late, "entry", late.entry)
    for clock in teller.seeds.clocks:
        teller.cited(clock, "entry", clock.entry)
    for finding in teller.seeds.findings:
        for label in finding.rests_on:
            if teller.cited(finding, "label", label).time > milliseconds(teller.seeds.closing):
                raise finding.fault("label", f"{label!r} is told only after the closing")


def _key(teller: Teller, row: Keyholder) -> Tale:
    """A key granted or revoked in the course of the year."""
    note = {"note": row.note} if row.note else {}
    fields: dict[str, Any]
    if row.granted:
        yield row.granted
        holder = {"name": row.name, "party": teller.parties[row.party].name}
        fields = {"key": Person(row.name), "roles": [*row.roles], "holder": holder} | note
        fields |= {"until": f"{row.until:%Y-%m-%d}"} if row.until else {}
        teller.sign(row, teller.owner(row.site), row.granted, f"key.grant/{row.name}", fields)
    if row.revoked:
        yield row.revoked
        fields = {"key": Person(row.name), "reason": row.reason} | note
        fields |= {"since": _first(teller, row, row.since)} if row.since else {}
        teller.sign(row, teller.owner(row.site), row.revoked, f"key.revoke/{row.name}", fields)


def _first(teller: Teller, row: Keyholder, since: datetime) -> StepIndex:
    """Stands for the index of the first entry of a key's site that was signed since then."""
    for step in teller.told:
        if step.site == row.site and step.time >= milliseconds(since):
            return StepIndex(step.label)
    raise row.fault("since", "nothing was signed there between then and the revocation")


def _fund(teller: Teller, row: MoneyRow) -> Tale:
    """Money, which cannot be more than what it comes out of."""
    yield row.at
    amount = teller.left[row.id] = Decimal(row.amount)
    fields: dict[str, Any] = {
        "step": row.step,
        "amount": format_decimal(amount),
        "currency": row.currency,
        "document": row.document,
    }
    fields |= {
        "from": teller.parties[row.sender].name,
        "to": teller.parties[row.to].name,
        "entry_mode": "manual",
        "note": row.note,
    }
    if row.draws_on:
        left = teller.left.get(row.draws_on, _NOTHING)
        if left < amount and not row.overdrawn:
            raise row.fault("amount", f"{row.draws_on} has {format_decimal(left)} left then")
        teller.left[row.draws_on] = left - amount
        fields["draws_on"] = Cite(f"fund/{row.draws_on}")
    who = teller.people[row.person]
    teller.say(row, who.party, row.at, f"fund/{row.id}", fields, who=who)


def _correction(teller: Teller, row: Correction) -> Tale:
    """What was told wrongly is told again as it was."""
    yield row.at
    true = teller.cited(row, "entry", row.entry)
    fields = {
        "entry": Cite(row.entry),
        "reason": "wrong_data",
        "replacement": true.fields,
        "entry_mode": "manual",
        "note": row.note,
    }
    who = teller.people[row.person]
    teller.say(row, who.party, row.at, f"correct/{row.entry}", fields, who=who)


def _statement(teller: Teller, row: Statement) -> Tale:
    """Word for word."""
    yield row.at
    event: dict[str, Any] = {} if "." in row.kind else {"event_time": instant(row.at)}
    event |= teller.cited(row, "copy", row.copy).fields if row.copy else {}
    event |= {name: _meant(teller, row, value) for name, value in row.fields.items()}
    teller.sign(row, teller.people[row.person], row.at, row.label, event, kind=row.kind)


def _meant(teller: Teller, row: SeedRow, value: object) -> object:
    """A value of a statement, with what stands for ids put in its place."""
    match value:
        case {"cite": str(label), **rest} if not rest:
            return Cite(teller.cited(row, "fields", label).label)
        case {"person": str(name), **rest} if not rest and name in teller.people:
            return Person(name)
        case dict():
            return {name: _meant(teller, row, inner) for name, inner in value.items()}
        case list():
            return [_meant(teller, row, inner) for inner in value]
        case str() | bool() | int():
            return value
        case _:
            raise row.fault("fields", f"write {value} as text")
