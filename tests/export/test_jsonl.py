"""JSON lines: every event comes back the same; what is broken is told by line."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import Draft, transfer
from support.events import EVENTS, logged_of, make, problems, read_back, written

from chainlog.errors import IntakeError
from chainlog.events.event import is_governing
from chainlog.events.plain_json import to_plain
from chainlog.export import jsonl
from chainlog.format.body import open_body, withhold
from chainlog.format.opened import Logged


@settings(max_examples=100)
@given(st.lists(EVENTS, max_size=4))
def test_every_event_comes_back(events):
    assert read_back(jsonl, written(jsonl, logged_of(events))) == [
        None,
        *(None if is_governing(one.kind) else one for one in events),
    ]


def test_the_shape_of_a_line():
    logged = logged_of([make(1)])[1]
    line = json.loads(jsonl.format_entry(logged))
    assert list(line) == ["id", "chain", "index", "time", "author", "kind", "event"]
    assert line["event"] == to_plain(logged.fields)
    assert isinstance(line["time"], int)


def test_withheld_and_absent_bodies_are_exported_and_do_not_come_back():
    draft = Draft()
    draft.add("transfer", transfer(1))
    entry, body = draft.entries[1], draft.bodies[1]
    part = Logged(entry, open_body(withhold(body, entry.header.body, ["to"]), entry.header.body))
    data = written(jsonl, [part, Logged(entry, None)])
    assert [json.loads(line).get("withheld") for line in data.splitlines()] == [["to"], None]
    assert json.loads(data.splitlines()[1])["event"] is None
    assert problems(jsonl, data) == (
        "line 1, withheld: some of the event is withheld, so it is not the event that was signed",
        "line 2, event: the event is not held here",
    )


GOOD = json.dumps({"kind": "transfer", "event": to_plain(transfer())})


@pytest.mark.parametrize("data", [f"\ufeff{GOOD}", f"\n{GOOD}\r\n\n", GOOD])
def test_boms_and_empty_lines_do_no_harm(data):
    assert read_back(jsonl, data.encode()) == [make(0)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "line 2: not JSON: expecting property name"),
        (b"[]", "line 2: expected an object"),
        (b"3", "line 2: expected an object"),
        (b'{"kind": "a", "kind": "b"}', "line 2: 'kind' stands twice"),
        (b'{"kind": "transfer", "event": {"x_a": NaN}}', "line 2: not JSON: NaN"),
        (
            b'{"kind": "transfer", "event": ' + b"[" * 100_000,
            "line 2: not JSON that an event can hold: too many",
        ),
        (b'{"kind": "transfer", "event": {"x_a": ' + b"[" * 300 + b"]" * 300 + b"}}", "line 2, "),
        (
            b'{"kind": "transfer", "event": {"\\ud800": 1}}',
            "line 2: not JSON that an event can hold: half",
        ),
        (b'{"kind": 1, "event": {}}', "line 2, kind: "),
        (b'{"kind": "transfer"}', "line 2, event: the event is not held"),
        (b'{"kind": "transfer", "event": []}', "line 2, event: expected an object"),
        (b'{"kind": "nonsense", "event": {}}', "line 2: 'nonsense' is no kind"),
        (b'{"kind": "transfer", "events": {}}', "line 2, events: an entry has no such name"),
        (
            GOOD.replace('"lines": [{', '"lines": [{"quantity": "1,5,0", ').encode(),
            "line 2, lines[0].quantity: '1,5,0' is no number",
        ),
        (GOOD.replace('"from"', '"x_a": 1.5, "from"').encode(), "line 2"),
        (GOOD.replace('"from"', '"x_a": null, "from"').encode(), "line 2"),
        (b"\xff\xfe", "line 2: byte 1 is not UTF-8"),
        (b"a\0b", "line 2: a NUL byte"),
    ],
)
def test_a_bad_line_is_told_with_its_number(line, words):
    told = problems(jsonl, GOOD.encode() + b"\n" + line + b"\n")
    assert len(told) == 1
    assert told[0].startswith(words), told


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(codec):
    assert problems(jsonl, GOOD.encode(codec)) == (
        "line 1: the file is in UTF-16: save it as UTF-8",
    )


def test_a_line_without_end_is_not_read_whole(monkeypatch):
    monkeypatch.setattr("chainlog.export.lines.LINE_LIMIT", 1000)
    with pytest.raises(IntakeError, match="line 1: longer than"):
        list(jsonl.read_events(io.BytesIO(b"x" * 10_000)))
