"""CSV: a row a line of an event, for spreadsheets (docs/field.md 'Kinds of event').

Columns are paths of fields with dots. Rows with the same `event` cell are one event; they stand
together and agree but in `lines.`::

    event,index,time,author,kind,event_time,from,to,lines.item.uii,lines.nsn
    9f…,4,1700000000000,clk1:…,transfer,2023-03-01T08:00:00Z,Port,Depot,X1,
    9f…,4,1700000000000,clk1:…,transfer,2023-03-01T08:00:00Z,Port,Depot,X2,1025-01-445-0991

A cell holds what its column is declared to hold: text as it stands (as JSON where it is empty,
begins with a double quote, or has a NUL), all else as JSON. Fields that begin with `x_` are not
declared: text that would read as JSON is written as JSON. An empty cell is absent. A cell that a
spreadsheet would take for a formula gets a `'` before it, which is taken off again; so does what
follows a semicolon, a tab or the end of a line, where other spreadsheets begin a cell. `withheld`
is a column where something is withheld (the paths, as JSON) or a body is not held (`body`): such
rows do not come back.
"""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from hashlib import blake2b
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from chainlog.errors import EventError, Sentence
from chainlog.events.event import Event, is_governing
from chainlog.events.kinds import KINDS
from chainlog.events.plain_json import from_plain, to_plain
from chainlog.export.cells import Form, Layout, format_cell, layout_of, parse_cell
from chainlog.export.exporter import Exporter
from chainlog.export.intake import EventRead
from chainlog.export.lines import broken, read_rows
from chainlog.format.body import SLOT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chainlog.export.exporter import Options, Sink
    from chainlog.export.subject import Subject
    from chainlog.format.opened import Logged


METADATA: Final = ("event", "index", "time", "author", "kind")
WITHHELD: Final = "withheld"
_RESERVED: Final = frozenset((*METADATA, WITHHELD))
_OWN: Final = re.compile(r"x_[a-z0-9_]{0,30}", re.ASCII)
_FIRST: Final = ("event_time", "place", "document", "on_behalf_of", "entry_mode")
# What is the same for all lines of an event is written again on each row. Beyond this many
# characters, `lines` is one cell instead.
_REPEAT_LIMIT: Final = 2**24

# ------------------------------------------------------------------------------------------ columns


@cache
def _ranks() -> dict[str, int]:
    """Every declared column, in the order in which an export shows them."""
    declared = dict.fromkeys(path for kind in KINDS for path in layout_of(kind).forms)
    last = [
        path
        for path in declared
        if path in {"note", "attachments"} or path.partition(".")[0] == "lines"
    ]
    return {
        path: rank
        for rank, path in enumerate(
            dict.fromkeys([*_FIRST, *(path for path in declared if path not in last), *last])
        )
    }


# ------------------------------------------------------------------------------------------ writing


def write_entries(entries: Callable[[], Iterable[Logged]], write: Callable[[str], object]) -> int:
    """Write entries and return how many.

    `entries` is called twice, first to find the columns: each time it gives the same ones.
    """
    found: dict[str, None] = {}
    for logged in entries():
        for row in rows_of(logged):
            found.update(dict.fromkeys(row))
    ranks, beyond = _ranks(), len(_ranks())
    columns = [
        *METADATA,
        *sorted(
            found.keys() - set(METADATA),
            key=lambda name: (name != WITHHELD, ranks.get(name, beyond), name),
        ),
    ]
    writer = csv.writer(_Sink(write), strict=True, lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for count, logged in enumerate(entries(), 1):  # noqa: B007  (the last number is the count)
        writer.writerows([row.get(name, "") for name in columns] for row in rows_of(logged))
    return count


class _Sink(NamedTuple):
    """What `csv` takes for a file."""

    write: Callable[[str], object]


def rows_of(logged: Logged) -> Iterator[dict[str, str]]:
    """The rows of an entry, one for each of its lines and at least one: column -> cell."""
    header = logged.entry.header
    plain = to_plain({"key": header.author})
    row = {
        "event": logged.entry.id.hex(),
        "index": str(header.index),
        "time": str(header.time),
        "author": str(plain["key"]),
    }
    row["kind"] = format_cell(header.kind, "text")
    if logged.body is None:
        yield {**row, WITHHELD: "body"}
        return
    if logged.body.withheld:
        row[WITHHELD] = json.dumps(list(logged.body.withheld))
    layout, fields = layout_of(header.kind), to_plain(logged.fields)
    lines = fields.pop("lines", None)
    for name, value in fields.items():
        # A field of a newer version may be called as a column of ours is.
        _flatten(value, f".{name}" if name in _RESERVED else name, layout, row)
    lines_apart = (
        isinstance(lines, list)
        and "lines" in layout.maps
        and all(_fits(line, "lines", layout) for line in lines)
    )
    if lines_apart and len(lines) * sum(map(len, row.values())) <= _REPEAT_LIMIT:
        for line in lines:
            cells = dict(row)
            _flatten(line, "lines", layout, cells)
            yield cells
        return
    if lines is not None:
        row["lines"] = format_cell(lines, layout.forms.get("lines"))
    yield row


def _fits(value: Any, path: str, layout: Layout) -> bool:  # noqa: ANN401  (JSON has no better type)
    return (
        isinstance(value, dict)
        and bool(value)
        and path in layout.maps
        and all(f"{path}.{name}" in layout.forms for name in value)
    )


def _flatten(value: Any, path: str, layout: Layout, cells: dict[str, str]) -> None:  # noqa: ANN401  (JSON has no better type)
    if _fits(value, path, layout):
        for name, inner in value.items():
            _flatten(inner, f"{path}.{name}", layout, cells)
    else:
        cells[path] = format_cell(value, layout.forms.get(path))


# ------------------------------------------------------------------------------------------ reading


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
                    "line {line}: {cells} cells, where the first line names {columns} columns",
                    line=number,
                    cells=len(cells),
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
    known = _ranks()
    for place, name in enumerate(columns):
        if name in columns[:place] and name:
            yield Sentence(", column {name}: named twice", name=name[:80])
        elif name and name not in known and name not in _RESERVED and _OWN.fullmatch(name) is None:
            yield Sentence(
                ", column {name}: no field of any kind of event; names of your own begin with x_",
                name=name[:80],
            )


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
                name not in _RESERVED - {"kind"}
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
                "line {line}{column}: {why}", line=number, column=column, why=error.reason
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
    for column, cell in row.items():
        if column in _RESERVED or column.startswith("lines.") != (prefix == "lines."):
            continue
        *above, name = column.removeprefix(prefix).split(".")
        try:
            value = parse_cell(cell, forms.get(column))
        except EventError as error:
            raise EventError(error.reason, field=where + column.removeprefix(prefix)) from None
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


def _write(subject: Subject, out: Sink, options: Options) -> int:
    del options
    return write_entries(subject.entries, lambda text: out(text.encode()))


EXPORTER: Final = Exporter("csv", "CSV", (".csv",), _write, read=read_events)
