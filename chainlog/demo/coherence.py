"""Whether the rows of all seed files go together: names, order in time, what each needs."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from chainlog.demo.remarks import PlantedFinding
from chainlog.demo.seeds import Seeds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from chainlog.demo.rows import SeedRow

_IN_ORDER = (
    "consented",
    "advised",
    "granted",
    "at",
    "arrived",
    "accepted",
    "final",
    "found",
    "unpacked",
    "revoked",
)


def incoherent(seeds: Seeds) -> Iterator[str]:
    """The problems, each with the place of a row and the name of a field."""
    yield from _unknown(seeds)
    yield from _repeated(seeds)
    yield from _disordered(seeds)
    yield from _lacking(seeds)
    yield from _circular(seeds)
    yield from _unfounded(seeds)


def _rows_of(seeds: Seeds) -> Iterator[tuple[SeedRow, ...]]:
    """Every kind of row, but not the items that are made from them."""
    return (getattr(seeds, name) for name in Seeds.__slots__ if name not in {"items", "closing"})


def _unknown(seeds: Seeds) -> Iterator[str]:
    """Names that no row bears."""
    parties, people = (
        {party.id for party in seeds.parties},
        {person.name for person in seeds.people},
    )
    sites, lots, legs = (
        {site.id for site in seeds.sites},
        {lot.id for lot in seeds.lots},
        {leg.id for leg in seeds.legs},
    )
    words = {word for design in seeds.fleet for word in (design.id, design.category, design.type)}
    shipments = {leg.what for leg in seeds.legs if leg.how == "register"}
    rows = {row.id for rows in (seeds.packings, seeds.losses, seeds.disposals) for row in rows}
    known: dict[str, Collection[str]] = {
        "party": parties,
        "supplied_by": parties,
        "unit": parties,
        "owner": parties,
        "holder": parties,
        "sender": parties,
        "to": parties,
        "person": people,
        "giver": people,
        "taker": people,
        "site": sites,
        "container": words,
        "what": words | lots | legs | shipments | rows,
        "shipment": shipments,
        "lot": lots,
        "draws_on": {fund.id for fund in seeds.funds},
    }
    bound = {shipment for design in seeds.fleet for shipment in design.shipments} | {
        lot.shipment for lot in seeds.lots
    }
    for design in seeds.fleet:
        yield from (
            f"{design.source}: shipments: no row registers {name!r}"
            for name in design.shipments
            if name not in shipments
        )
    for leg in seeds.legs:
        if leg.how == "register" and leg.what not in bound:
            yield f"{leg.source}: what: nothing is bound for {leg.what!r}"
    for row in itertools.chain.from_iterable(_rows_of(seeds)):
        for field, names in known.items():
            name = getattr(row, field, "") if not isinstance(row, PlantedFinding) else ""
            if name and (name.partition(":")[0] if field == "what" else name) not in names:
                yield (
                    f"{row.source}: {'from' if field == 'sender' else field}: nothing here is "
                    f"called {name!r}"
                )


def _repeated(seeds: Seeds) -> Iterator[str]:
    """Names given twice, and items that are the same item."""
    for rows in _rows_of(seeds):
        for again in _twice(
            (str(getattr(row, "id", getattr(row, "name", row.source))), row.source) for row in rows
        ):
            yield f"{again}: id: named twice"
    for again in _twice((item.name, item.design.source) for item in seeds.items):
        yield f"{again}: serial: makes an item that another row has too"


def _twice(named: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The sources of names already seen, each once."""
    seen: set[str] = set()
    blamed: set[str] = set()
    for name, source in named:
        if name in seen and source not in blamed:
            blamed.add(source)
            yield source
        seen.add(name)


def _disordered(seeds: Seeds) -> Iterator[str]:
    """Rows whose instants do not follow one another."""
    for row in itertools.chain.from_iterable(_rows_of(seeds)):
        instants = [
            (name, instant)
            for name in _IN_ORDER
            if (instant := getattr(row, name, None)) is not None
        ]
        for (earlier, one), (later, other) in itertools.pairwise(instants):
            if one >= other:
                yield f"{row.source}: {later}: must come after {earlier}"


def _lacking(seeds: Seeds) -> Iterator[str]:
    """Rows without what they need, or with what excludes another part of them."""
    for leg in seeds.legs:
        if leg.how != "register" and not leg.sender:
            yield f"{leg.source}: from: a {leg.how} needs one"
        if leg.how != "untold" and not leg.to:
            yield f"{leg.source}: to: a {leg.how} needs one"
        if bool(leg.short) + bool(leg.over) + bool(leg.swapped) > 1:
            yield f"{leg.source}: short: a paper falls short, or has more, or others; one of these"
        if leg.consented and not leg.until:
            yield f"{leg.source}: until: a consent needs one"
    for person in seeds.people:
        if (person.until and not person.granted) or (person.since and not person.revoked):
            yield (
                f"{person.source}: "
                f"{'until: only a grant' if person.until else 'since: only a revocation'} has "
                "one"
            )
    for count in seeds.stocktakings:
        if count.complete and (count.what or count.count):
            yield f"{count.source}: what: a complete inventory leaves nothing out"


def _circular(seeds: Seeds) -> Iterator[str]:
    """Parties that are supplied through themselves."""
    suppliers = {party.id: party.supplied_by for party in seeds.parties}
    for party in seeds.parties:
        after = party.id
        for _ in seeds.parties:
            after = suppliers.get(after, "")
        if after:
            yield f"{party.source}: supplied_by: goes round in a circle"


def _unfounded(seeds: Seeds) -> Iterator[str]:
    """Findings that rest on nothing, on too much, or that no test could tell from another."""
    parties = {party.name for party in seeds.parties}
    types = {design.type for design in seeds.fleet}
    seen: set[tuple[object, ...]] = set()
    for finding in seeds.findings:
        if bool(finding.label) + bool(finding.labels) + bool(finding.party) != 1 or bool(
            finding.party
        ) != bool(finding.type):
            yield (
                f"{finding.source}: label: a finding rests on a label, on labels, or on a "
                "party and a type"
            )
        if finding.party and finding.party not in parties:
            yield f"{finding.source}: party: nobody here is called {finding.party!r}"
        if finding.type and finding.type not in types:
            yield f"{finding.source}: type: nothing here is called {finding.type!r}"
        if finding.count is not None and finding.items and finding.count != len(finding.items):
            yield f"{finding.source}: count: is not how many items are listed"
        same = (finding.code, finding.rests_on, finding.party, finding.type, finding.items)
        if same in seen:
            yield f"{finding.source}: code: another row expects the same"
        seen.add(same)
