"""Reading the seed files: `parse_seeds(files)` gives the seeds.

Otherwise it raises `IntakeError`, whose problems name file, line and field.
"""

from __future__ import annotations

import csv
import itertools
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from chainlog.demo.coherence import incoherent
from chainlog.demo.remarks import Clock, Correction, Late, PlantedFinding, Statement
from chainlog.demo.rows import (
    Claim,
    Design,
    Disposal,
    Inspection,
    Keyholder,
    Leg,
    LossRow,
    LotRow,
    MoneyRow,
    Packing,
    Party,
    SeedRow,
    Site,
    Stocktaking,
    Use,
)
from chainlog.demo.seeds import SeedItem, Seeds
from chainlog.errors import IntakeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
_R = TypeVar("_R", bound=SeedRow)


def parse_seeds(files: Mapping[str, str]) -> Seeds:
    """Read the seed files, by name. Markdown beside them is passed over.

    Raises:
        IntakeError: whatever is wrong, all problems of one kind together, each with file, line and
        field.
    """
    _raise_if([*_misnamed(files)])
    reader = _Reader(files)
    rows = _rows(reader)
    _raise_if(reader.problems)
    items = tuple(item for design in rows.fleet for item in _items(design, reader.problems))
    seeds = replace(rows, items=items)
    _raise_if([*reader.problems, *incoherent(seeds)])
    return seeds


def _misnamed(files: Mapping[str, str]) -> Iterator[str]:
    """Files too many or too few."""
    odd = sorted(name for name in files if name not in FILES and not name.endswith(".md"))
    yield from (f"{name}: no seed file has this name" for name in odd)
    yield from (f"{name}: the file is missing" for name in FILES if name not in files)


def _rows(reader: _Reader) -> Seeds:
    """The seeds, but for the items that rows make."""
    return Seeds(
        claims=reader.tables("claims.toml", "claim", Claim),
        parties=reader.tables("sites.toml", "party", Party),
        sites=reader.sites(),
        people=reader.tables("sites.toml", "person", Keyholder),
        fleet=reader.rows("fleet.csv", Design),
        lots=reader.rows("lots.csv", LotRow),
        legs=(*reader.rows("shipments.csv", Leg), *reader.rows("transfers.csv", Leg)),
        stocktakings=reader.rows("inventories.csv", Stocktaking),
        inspections=reader.rows("inspections.csv", Inspection),
        losses=reader.rows("losses.csv", LossRow),
        uses=reader.rows("expenditure.csv", Use),
        disposals=reader.rows("disposals.csv", Disposal),
        packings=reader.rows("containers.csv", Packing),
        funds=reader.rows("funds.csv", MoneyRow),
        corrections=reader.tables("statements.toml", "correction", Correction),
        statements=reader.tables("statements.toml", "step", Statement),
        delays=reader.tables("statements.toml", "late", Late),
        clocks=reader.tables("statements.toml", "clock", Clock),
        findings=reader.tables("findings.toml", "finding", PlantedFinding),
        items=(),
        closing=reader.closing(),
    )


def _raise_if(problems: Sequence[str]) -> None:
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise IntakeError(
            "{all}{more}",
            all=problems[0],
            more=more,
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


def _items(design: Design, problems: list[str]) -> Iterator[SeedItem]:
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
            yield SeedItem(design, shipment, ref)
