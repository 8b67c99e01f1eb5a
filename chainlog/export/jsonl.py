"""JSON lines: an entry a line, as `show --json` and `log --json` print it.

    {"id": "9f…", "chain": "1c…", "index": 4, "time": 1700000000000, "author": "clk1:…", "kind":
    "attest", "event": {…}}

`time` is in milliseconds since 1970; `event` is null where the body is not held; `withheld` lists
the paths of what is withheld. Coming back, only `kind` and `event` count; empty lines are passed
over.
"""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, Final

from chainlog.errors import EventError, Sentence
from chainlog.events.event import Event, is_governing
from chainlog.events.plain_json import from_plain, to_plain
from chainlog.events.strict_json import parse_json
from chainlog.export.exporter import Exporter
from chainlog.export.intake import EventRead, with_hint
from chainlog.export.lines import read_lines
from chainlog.format.keys import format_key_id
from chainlog.format.opened import Logged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chainlog.export.exporter import Options, Sink
    from chainlog.export.subject import Subject
    from chainlog.format.opened import Logged

_NAMES: Final = frozenset(
    {"id", "chain", "index", "time", "author", "kind", "event", "withheld", "problem"}
)


def write_entries(entries: Callable[[], Iterable[Logged]], write: Callable[[str], object]) -> int:
    """Write entries, one after the other, and return how many.

    `entries` gives them, from the first, whenever it is called.
    """
    count = 0
    for count, logged in enumerate(entries(), 1):  # noqa: B007  (the last number is the count)
        write(format_entry(logged))
    return count


def read_events(file: IO[bytes]) -> Iterator[EventRead]:
    """What a file of JSON lines holds. Raises IntakeError where it cannot be read on."""
    for number, text in read_lines(file):
        if not text.strip():
            continue
        try:
            yield EventRead(number, parse_entry(text))
        except EventError as error:
            template = "line {line}, {field}: {what}" if error.field else "line {line}: {what}"
            params = {"line": number, "field": error.field, "what": with_hint(error)}
            yield EventRead(number, problem=Sentence(template, **params))


def format_entry(logged: Logged) -> str:
    """An entry as a line, its end included."""
    return json.dumps(plain_entry(logged), ensure_ascii=False) + "\n"


def parse_entry(text: str) -> Event | None:
    """The event of a line, None for a governing kind, which no file brings in.

    Raises EventError.
    """
    entry = parse_json(text)
    if not isinstance(entry, dict):
        raise EventError("expected an object with kind and event")
    unknown = sorted(entry.keys() - _NAMES)
    if unknown:
        raise EventError(
            "an entry has no such name; the fields of an event stand in event",
            field=unknown[0][:80],
        )
    kind = entry.get("kind")
    if not isinstance(kind, str):
        raise EventError("expected the kind of an event", field="kind")
    if is_governing(kind):
        return None
    if entry.get("withheld"):
        raise EventError(
            "some of the event is withheld, so it is not the event that was signed",
            field="withheld",
        )
    fields: Any = entry.get("event")
    if fields is None:
        raise EventError("the event is not held here", field="event")
    if not isinstance(fields, dict):
        raise EventError("expected an object", field="event")
    return from_plain(kind, fields)


def plain_entry(logged: Logged) -> dict[str, Any]:
    """An entry as JSON, the one shape of it: `{id, chain, index, time, author, kind, event}`.

    `time` is the header's, in milliseconds since the Unix epoch. `event` is null where the body is
    not held. `withheld` lists the paths of withheld fields, only where there are any; `problem`
    says what is wrong with a body that is not the entry's.
    """
    header = logged.entry.header
    plain: dict[str, Any] = {
        "id": logged.entry.id.hex(),
        "chain": logged.entry.chain.hex(),
        "index": header.index,
        "time": header.time,
        "author": format_key_id(header.author),
        "kind": header.kind,
        "event": None if logged.fields is None else to_plain(logged.fields),
    }
    if logged.body is not None and logged.body.withheld:
        plain["withheld"] = list(logged.body.withheld)
    if logged.problem is not None:
        plain["problem"] = logged.problem
    return plain


def _write(subject: Subject, out: Sink, options: Options) -> int:
    del options
    return write_entries(subject.entries, lambda text: out(text.encode()))


EXPORTER: Final = Exporter(
    "jsonl", "JSON lines", (".jsonl", ".ndjson", ".json"), _write, read=read_events, begins=b"{"
)
