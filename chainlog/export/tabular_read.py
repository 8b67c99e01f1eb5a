"""CSV read back: the events of a table whose form is in `tabular.py`, or what is wrong with it."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from chainlog.errors import EventError, Sentence
from chainlog.events.door.numbers import read_number
from chainlog.events.event import is_governing
from chainlog.events.kinds import KINDS
from chainlog.events.plain_json import DECIMAL_NAMES, from_plain
from chainlog.export.cells import parse_cell
from chainlog.export.columns import RESERVED, WITHHELD, layout_of, ranks
from chainlog.export.intake import EventRead, with_hint
from chainlog.export.lines import broken, read_rows
from chainlog.format.body import SLOT_LIMIT
from chainlog.format.entry import is_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.events.event import Event
    from chainlog.export.columns import Form

_OWN: Final = re.compile(r"x_[a-z0-9_]{0,30}", re.ASCII)


def read_events(file: IO[bytes]) -> Iterator[EventRead]:
    """What a CSV file holds. Raises IntakeError where it cannot be read on."""
    rows = read_rows(file)
    first = next(rows, None)
    if first is None:
        raise broken(1, "the file is empty: its first line names the columns")
    columns = [name.strip() for name in first[1]]
    problems = [
        EventRead(first[0], problem=Sentence("line {line}{text}", line=first[0], text=text))
        for text in _check_columns(columns)
    ]
    yield from problems
    if problems:
        return
    group: list[_Row] = []
    seen: set[bytes] = set()
    for row in _match_columns(rows, columns):
        if isinstance(row, EventRead):
            yield row
            continue
        name = row.cells.get("event")
        if group and (name is None or name != group[0].cells.get("event")):
            yield _parse_group(group, columns)
            group = []
        if name is not None and not group:
            # Lines of one event that stand apart would quietly become two events.
            digest = blake2b(name.encode(), digest_size=8).digest()
            if digest in seen:
                yield EventRead(
                    row.number,
                    problem=Sentence(
                        "line {line}, column event: the rows of {name} do not stand together",
                        line=row.number,
                        name=name[:80],
                    ),
                )
            seen.add(digest)
        if len(group) == SLOT_LIMIT:
            raise broken(row.number, "an event of more than {limit} lines", limit=SLOT_LIMIT)
        group.append(row)
    if group:
        yield _parse_group(group, columns)


def _match_columns(
    rows: Iterator[tuple[int, list[str]]], columns: list[str]
) -> Iterator[_Row | EventRead]:
    for number, cells in rows:
        if len(cells) != len(columns):
            yield EventRead(
                number,
                problem=Sentence(
                    "line {line}: {n} cells, where the first line names {columns} columns",
                    line=number,
                    n=len(cells),
                    columns=len(columns),
                ),
            )
        elif any(cell and not name for name, cell in zip(columns, cells, strict=True)):
            yield EventRead(
                number,
                problem=Sentence("line {line}: a cell in a column without a name", line=number),
            )
        else:
            yield _Row(
                number, {name: cell for name, cell in zip(columns, cells, strict=True) if cell}
            )


def _check_columns(columns: list[str]) -> Iterator[Sentence]:
    if len(columns) == 1 and set(columns[0]) & {";", "\t"}:
        yield Sentence(
            ": the columns are separated by semicolons or tabs: save the file with commas"
        )
        return
    if "kind" not in columns:
        yield Sentence(": no column is named kind")
    known, seen = ranks(), set[str]()
    for name in columns:
        if name in seen and name:
            yield Sentence(", column {name}: named twice", name=name[:80])
        elif name and name not in known and name not in RESERVED and _OWN.fullmatch(name) is None:
            yield Sentence(
                ", column {name}: no field of any kind of event; names of your own begin with x_",
                name=name[:80],
            )
        seen.add(name)


class _Row(NamedTuple):
    """A row of the file: the number of its first line, and its cells that are not empty."""

    number: int
    cells: dict[str, str]


def _parse_group(group: list[_Row], columns: list[str]) -> EventRead:
    """The event of the rows of one `event`, or what is wrong with them."""
    first, rest = group[0], group[1:]
    for row in rest:
        for name in columns:
            if (
                name not in RESERVED - {"kind"}
                and not name.startswith("lines.")
                and row.cells.get(name) != first.cells.get(name)
            ):
                return EventRead(
                    first.number,
                    problem=Sentence(
                        "line {line}, column {name}: not as on line {first} of the same event",
                        line=row.number,
                        name=name,
                        first=first.number,
                    ),
                )
    try:
        return EventRead(first.number, parse_rows([row.cells for row in group]))
    except EventError as error:
        place = re.match(r"lines\[([0-9]+)\]", error.field)
        number = (
            group[int(place[1])].number if place and int(place[1]) < len(group) else first.number
        )
        name = re.sub(r"\[[0-9]+\]", "", error.field)
        shown = name
        while "." in shown and shown not in columns:
            shown = shown.rpartition(".")[0]
        column = (
            Sentence(", column {name}", name=shown if shown in columns else name) if name else ""
        )
        return EventRead(
            first.number,
            problem=Sentence(
                "line {line}{column}: {why}", line=number, column=column, why=with_hint(error)
            ),
        )


def parse_rows(rows: list[dict[str, str]]) -> Event | None:
    """The event of its rows, None for a governing kind, which no file brings in.

    Raises EventError, which names the column.
    """
    head = rows[0]
    if "kind" not in head:
        raise EventError("expected the kind of an event", field="kind")
    kind = parse_cell(head["kind"], "text")
    if is_governing(kind):
        return None
    if kind not in KINDS:
        raise EventError(
            "{kind!r} is no kind of event that this version knows", kind=kind[:80], field="kind"
        )
    if WITHHELD in head:
        raise EventError(
            "not all of the event is held here, so it is not the event that was signed",
            field=WITHHELD,
        )
    fields = _parse_cells(head, "", layout_of(kind).forms)
    lines = [
        _parse_cells(row, "lines.", layout_of(kind).forms, f"lines[{number}].")
        for number, row in enumerate(rows)
    ]
    if len(lines) > 1 or lines[0]:
        if "lines" in fields:
            raise EventError(
                "lines stand both in one cell and in columns of their own", field="lines"
            )
        fields["lines"] = lines
    return from_plain(kind, fields)


def _parse_cells(
    row: dict[str, str], prefix: str, forms: dict[str, Form], where: str = ""
) -> dict[str, Any]:
    """The cells of a row below `prefix`, `lines.` or nothing, as what they are cells of.

    `where` says that in an error.
    """
    fields: dict[str, Any] = {}
    # What an export wrote names the entry that it is of, and its numbers mean one thing.
    by_hand = not is_id(row.get("event", ""))
    for column, cell in row.items():
        if column in RESERVED or column.startswith("lines.") != (prefix == "lines."):
            continue
        *above, name = column.removeprefix(prefix).split(".")
        try:
            value = parse_cell(cell, forms.get(column))
            if by_hand and name in DECIMAL_NAMES and isinstance(value, str):
                value = read_number(value)
        except EventError as error:
            field = where + column.removeprefix(prefix)
            raise EventError(error.reason, field=field, hint=error.hint) from None
        inner = fields
        for number, part in enumerate(above, 1):
            if prefix + ".".join(above[:number]) in row:
                raise EventError(
                    "stands both in one cell and in columns of its own",
                    field=where + ".".join(above[:number]),
                )
            inner = inner.setdefault(part, {})
        inner[name] = value
    return fields
