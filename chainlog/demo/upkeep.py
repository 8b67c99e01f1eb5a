"""What becomes of things between the legs: packed, inspected, lost, used up, disposed of, counted.

A tale for each row; `story` runs them.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chainlog.demo.seeds import SeedItem, Share, Thing
from chainlog.demo.teller import Cite, Tale, Teller

if TYPE_CHECKING:
    from chainlog.demo.rows import Disposal, Inspection, LossRow, Packing, Stocktaking, Use

_NOTHING = Decimal(0)


def packing(teller: Teller, row: Packing) -> Tale:
    """Into a container, and out of it."""
    yield row.at
    container = teller.held.items(row, row.holder, row.container, "1")
    teller.held.tie(container)
    items = teller.held.items(row, row.holder, row.what, row.count)
    teller.held.tie(items)
    teller.held.named[row.id] = [*items]
    fields = {
        "container": container[0].ref,
        "items": [item.ref for item in items],
        "seal": row.seal,
        "entry_mode": "scan",
    }
    teller.say(row, row.holder, row.at, f"pack/{row.id}", fields | {"note": row.note})
    if row.unpacked:
        yield row.unpacked
        teller.held.untie(items + container)
        teller.say(row, row.holder, row.unpacked, f"unpack/{row.id}", fields)


def inspection(teller: Teller, row: Inspection) -> Tale:
    """One item after another."""
    yield row.at
    items = teller.held.items(row, row.holder, row.what, row.count)
    teller.held.tie(items)
    for number, item in enumerate(items):
        at = row.at + number * timedelta(minutes=row.every_minutes)
        yield at
        was = "" if row.blind else teller.held.condition[item]
        fields = {
            "item": item.ref,
            "was": was,
            "now": row.now,
            "entry_mode": row.entry_mode,
            "note": row.note,
        }
        teller.held.condition[item] = row.now
        teller.held.untie([item])
        label = f"inspect/{row.id}/{number + 1}"
        who = teller.people[row.person]
        teller.say(row, row.holder, at, label, fields, who=who, photo=row.photo, of=item.name)


def loss(teller: Teller, row: LossRow) -> Tale:
    """Gone; said so finally; perhaps not gone after all."""
    yield row.at
    things = teller.held.things(row, row.holder, row.what, row.count)
    if row.what not in teller.held.named:
        teller.held.take(row, things, row.holder)
    teller.held.named[row.id] = things
    fields: dict[str, Any] = {
        "lines": teller.held.lines(things),
        "holder": teller.parties[row.holder].name,
        "cause": row.cause,
    }
    fields |= {
        name: f"{day:%Y-%m-%d}"
        for name in ("lost_on", "discovered_on")
        if (day := getattr(row, name))
    }
    fields |= {"place": row.place or teller.parties[row.holder].place, "entry_mode": "manual"}
    of = things[0].name if isinstance(things[0], SeedItem) else things[0].lot.id
    label = f"loss/{row.id}/initial"
    initial = fields | {"report": "initial", "note": row.note}
    teller.say(row, row.holder, row.at, label, initial, photo=row.photo, of=of)
    if row.final:
        yield row.final
        final = fields | {"report": "final", "initial": Cite(label), "document": row.document}
        label = f"loss/{row.id}/final"
        teller.say(row, row.holder, row.final, label, final)
    if row.found:
        yield row.found
        teller.held.put(things, row.holder)
        again = {"lines": fields["lines"], "loss": Cite(label), "entry_mode": "scan"}
        teller.say(row, row.holder, row.found, f"found/{row.id}", again)


def use(teller: Teller, row: Use) -> Tale:
    """A lot shrinks."""
    for number in range(row.times):
        at = row.at + number * timedelta(days=row.every_days)
        yield at
        things: list[Thing] = [Share(teller.held.lots[row.lot], Decimal(row.quantity))]
        if row.overdrawn:
            teller.held.stock[row.holder, row.lot] -= Decimal(row.quantity)
        else:
            teller.held.take(row, things, row.holder)
        fields = {
            "lines": teller.held.lines(things),
            "holder": teller.parties[row.holder].name,
            "since": f"{at - timedelta(days=row.every_days - 1):%Y-%m-%d}",
            "until": f"{at:%Y-%m-%d}",
            "order": f"{row.order}/{number + 1}" if row.order else "",
            "entry_mode": row.entry_mode,
            "note": row.note,
        }
        who = teller.people.get(row.person)
        teller.say(row, row.holder, at, f"expend/{row.id}/{number + 1}", fields, who=who)


def disposal(teller: Teller, row: Disposal) -> Tale:
    """The end of a thing, before a witness."""
    yield row.at
    things = teller.held.things(row, row.holder, row.what, row.count)
    teller.held.take(row, things, row.holder)
    teller.held.named[row.id] = things
    fields = {
        "lines": teller.held.lines(things),
        "holder": teller.parties[row.holder].name,
        "means": row.means,
        "witnessed_by": row.witnessed_by,
        "entry_mode": "manual",
        "note": row.note,
    }
    teller.say(row, row.holder, row.at, f"destroy/{row.id}", fields)


def stocktaking(teller: Teller, row: Stocktaking) -> Tale:
    """What a party holds, packed or not; its lots too where nothing is left out."""
    yield row.at
    seen: list[Thing] = [*teller.held.items(row, row.holder, row.what, row.count, tied=True)]
    if row.complete:
        seen += [
            Share(lot, left)
            for lot in teller.seeds.lots
            if (left := teller.held.stock[row.holder, lot.id]) > _NOTHING
        ]
    fields = {
        "lines": teller.held.lines(seen),
        "holder": teller.parties[row.holder].name,
        "counter": row.person,
        "complete": row.complete,
        "entry_mode": row.entry_mode,
        "note": row.note,
    }
    who = teller.people[row.person]
    teller.say(row, row.holder, row.at, f"inventory/{row.id}", fields, who=who)
