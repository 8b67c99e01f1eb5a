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
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chainlog.events.plain_json import to_plain
from chainlog.export.cells import format_cell
from chainlog.export.columns import METADATA, RESERVED, WITHHELD, Layout, layout_of, ranks
from chainlog.export.exporter import Exporter
from chainlog.export.tabular_read import read_events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chainlog.export.exporter import Options, Sink
    from chainlog.export.subject import Subject
    from chainlog.format.opened import Logged

# What is the same for all lines of an event is written again on each row. Beyond this many
# characters, `lines` is one cell instead.
_REPEAT_LIMIT: Final = 2**24


def write_entries(entries: Callable[[], Iterable[Logged]], write: Callable[[str], object]) -> int:
    """Write entries and return how many.

    `entries` is called twice, first to find the columns: each time it gives the same ones.
    """
    found: dict[str, None] = {}
    for logged in entries():
        for row in rows_of(logged):
            found.update(dict.fromkeys(row))
    places, beyond = ranks(), len(ranks())
    columns = [
        *METADATA,
        *sorted(
            found.keys() - set(METADATA),
            key=lambda name: (name != WITHHELD, places.get(name, beyond), name),
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
        yield {**row, WITHHELD: "body" if logged.problem is None else "body: it does not hold"}
        return
    if logged.body.withheld:
        row[WITHHELD] = json.dumps(list(logged.body.withheld))
    layout, fields = layout_of(header.kind), to_plain(logged.fields)
    lines = fields.pop("lines", None)
    for name, value in fields.items():
        # A field of a newer version may be called as a column of ours is.
        _flatten(value, f".{name}" if name in RESERVED else name, layout, row)
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


def _write(subject: Subject, out: Sink, options: Options) -> int:
    del options
    return write_entries(subject.entries, lambda text: out(text.encode()))


EXPORTER: Final = Exporter("csv", "CSV", (".csv",), _write, read=read_events)
