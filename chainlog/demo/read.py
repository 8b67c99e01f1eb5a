"""Reading the seed files: `parse_seeds(files)` gives the seeds.

Otherwise it raises `IntakeError`, whose problems name file, line and field.
"""

from __future__ import annotations

import csv
import itertools
import re
import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from chainlog.demo.rows import (
    Claim,
    Clock,
    Correction,
    Design,
    Disposal,
    Finding,
    Fund,
    Inspection,
    Keyholder,
    Late,
    Leg,
    Loss,
    Lot,
    Packing,
    Party,
    Row,
    Site,
    Statement,
    Stocktaking,
    Use,
)
from chainlog.demo.seeds import Item, Seeds
from chainlog.errors import IntakeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

FILES = (
    "claims.toml",
    "sites.toml",
    "fleet.csv",
    "lots.csv",
    "shipments.csv",
    "transfers.csv",
    "inventories.csv",
    "inspections.csv",
    "losses.csv",
    "expenditure.csv",
    "disposals.csv",
    "containers.csv",
    "funds.csv",
    "statements.toml",
    "findings.toml",
)
_LISTS = frozenset({"shipments"})  # the columns that hold several words
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
_R = TypeVar("_R", bound=Row)


def parse_seeds(files: Mapping[str, str]) -> Seeds:
    """Read the seed files, by name. Markdown beside them is passed over.

    Raises:
        IntakeError: whatever is wrong, all problems of one kind together, each with file, line and
        field.
    """
    odd = sorted(name for name in files if name not in FILES and not name.endswith(".md"))
    missing = [name for name in FILES if name not in files]
    _raise_if(
        [f"{name}: no seed file has this name" for name in odd]
        + [f"{name}: the file is missing" for name in missing]
    )
    reader = _Reader(files)
    claims, parties, sites = (
        reader.tables("claims.toml", "claim", Claim),
        reader.tables("sites.toml", "party", Party),
        reader.sites(),
    )
    people = reader.tables("sites.toml", "person", Keyholder)
    fleet, lots = reader.rows("fleet.csv", Design), reader.rows("lots.csv", Lot)
    legs = (*reader.rows("shipments.csv", Leg), *reader.rows("transfers.csv", Leg))
    stocktakings, inspections = (
        reader.rows("inventories.csv", Stocktaking),
        reader.rows("inspections.csv", Inspection),
    )
    losses, uses = reader.rows("losses.csv", Loss), reader.rows("expenditure.csv", Use)
    disposals, packings = (
        reader.rows("disposals.csv", Disposal),
        reader.rows("containers.csv", Packing),
    )
    funds, corrections = (
        reader.rows("funds.csv", Fund),
        reader.tables("statements.toml", "correction", Correction),
    )
    statements = reader.tables("statements.toml", "step", Statement)
    delays, clocks = (
        reader.tables("statements.toml", "late", Late),
        reader.tables("statements.toml", "clock", Clock),
    )
    findings, closing = reader.tables("findings.toml", "finding", Finding), reader.closing()
    _raise_if(reader.problems)
    items = tuple(item for design in fleet for item in _items(design, reader.problems))
    seeds = Seeds(
        claims,
        parties,
        sites,
        people,
        fleet,
        lots,
        legs,
        stocktakings,
        inspections,
        losses,
        uses,
        disposals,
        packings,
        funds,
        corrections,
        statements,
        delays,
        clocks,
        findings,
        items,
        closing,
    )
    _raise_if(
        [
            *reader.problems,
            *_unknown(seeds),
            *_repeated(seeds),
            *_disordered(seeds),
            *_lacking(seeds),
            *_circular(seeds),
            *_unfounded(seeds),
        ]
    )
    return seeds


def _raise_if(problems: Sequence[str]) -> None:
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise IntakeError(
            f"{problems[0]}{more}",
            problems=tuple(problems),
            hint="seeds/README.md says what each column holds",
        )


class _Reader:
    """Turns texts into rows, and notes what is wrong with them."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.problems: list[str] = []
        self.documents: dict[str, dict[str, Any]] = {}
        for name in FILES:
            if name.endswith(".toml"):
                try:
                    self.documents[name] = tomllib.loads(files[name])
                except (tomllib.TOMLDecodeError, RecursionError) as error:
                    self.problems.append(_toml_problem(name, str(error)))

    def rows(self, name: str, kind: type[_R]) -> tuple[_R, ...]:
        """The rows of a CSV file.

        One line is one row, `#` begins a comment, and an empty cell is a field that is not there.
        """
        rows: list[_R] = []
        head: list[str] = []
        for number, line in enumerate(self.files[name].removeprefix("\ufeff").split("\n"), 1):
            source = f"{name}:{number}"
            if not line.strip() or line.startswith("#"):
                continue
            try:
                cells = [
                    cell.strip()
                    for cell in next(csv.reader([line.removesuffix("\r")], strict=True))
                ]
            except csv.Error as error:
                self.problems.append(f"{source}: the line: {error}")
                continue
            if not head:
                head = cells
                continue
            if len(cells) != len(head):
                self.problems.append(
                    f"{source}: the line: has {len(cells)} cells where the heading has {len(head)}"
                )
                continue
            found = {
                column: cell.split() if column in _LISTS else cell
                for column, cell in zip(head, cells, strict=True)
                if cell
            }
            rows.extend(self._row(source, found, kind, strict=False))
        return tuple(rows)

    def tables(self, name: str, key: str, kind: type[_R]) -> tuple[_R, ...]:
        """The tables `[[key]]` of a TOML file."""
        found = self.documents.get(name, {}).get(key, [])
        at = [
            number
            for number, line in enumerate(self.files[name].split("\n"), 1)
            if line.strip() == f"[[{key}]]"
        ]
        if (
            not isinstance(found, list)
            or len(found) != len(at)
            or not all(isinstance(table, dict) for table in found)
        ):
            self.problems.append(
                f"{name}: {key}: write each as a table of its own, under a line [[{key}]]"
            )
            return ()
        return tuple(
            row
            for line, table in zip(at, found, strict=True)
            for row in self._row(f"{name}:{line}", table, kind, strict=True)
        )

    def sites(self) -> tuple[Site, ...]:
        """The sites, one of which is the authority's."""
        sites = self.tables("sites.toml", "site", Site)
        if sites and sum(site.authority for site in sites) != 1:
            self.problems.append(
                f"{sites[0].source}: authority: exactly one site is the authority's"
            )
        return sites

    def closing(self) -> datetime:
        """The instant as of which the findings are."""
        found = self.documents.get("findings.toml", {}).get("as_of")
        if isinstance(found, datetime) and found.tzinfo is not None:
            return found
        self.problems.append(
            "findings.toml: as_of: write an instant such as 2024-06-02T21:00:00Z, above "
            "the first table"
        )
        return datetime.max.replace(tzinfo=UTC)

    def _row(
        self, source: str, found: dict[str, Any], kind: type[_R], *, strict: bool
    ) -> Iterator[_R]:
        try:
            yield msgspec.convert(found | {"source": source}, kind, strict=strict)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$.")
            named = path.rstrip("`") or ", ".join(re.findall(r"field `(\w+)`", message))
            self.problems.append(f"{source}: {named}: {message[:1].lower()}{message[1:]}")


def _toml_problem(name: str, message: str) -> str:
    """`tomllib` says where at the end: `… (at line 3, column 7)`."""
    where = re.search(r" \(at line ([0-9]+), column [0-9]+\)$", message)
    line = where[1] if where else "end"
    return f"{name}:{line}: the line: {message.removesuffix(where[0] if where else '')}"


def _items(design: Design, problems: list[str]) -> Iterator[Item]:
    """The items of a row, dealt out evenly to its shipments, in order.

    The check digits are those of ISO 7064 MOD 97-10, so that no serial is one keystroke from
    another of its pattern.
    """
    width, last = design.serial.count("#"), design.first + design.count - 1
    if len(str(last)) > width or not design.shipments:
        problems.append(
            f"{design.source}: {'serial' if design.shipments else 'shipments'}: no room "
            f"for {design.count} items"
        )
        return
    share, over = divmod(design.count, len(design.shipments))
    numbers = itertools.count(design.first)
    for place, shipment in enumerate(design.shipments):
        for number in itertools.islice(numbers, share + (place < over)):
            text = design.serial.replace("#" * width, f"{number:0{width}}").replace(
                "%%", f"{98 - number * 100 % 97:02}"
            )
            ref = (
                {"uii": text}
                if design.identity == "uii"
                else {"maker": design.maker, "part": design.part, "serial": text}
            )
            yield Item(design, shipment, ref)


def _rows_of(seeds: Seeds) -> Iterator[tuple[Row, ...]]:
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
            name = getattr(row, field, "") if not isinstance(row, Finding) else ""
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
