"""CSV: every event comes back the same, no cell is a formula, and what is broken is told by line
and column.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.chains import Draft, transfer
from support.events import EVENTS, OWN, TEXT, logged_of, make, problems, read_back, written

from chainlog.events.door.numbers import is_decimal
from chainlog.events.event import Event, is_governing
from chainlog.events.kinds import KINDS
from chainlog.export import tabular
from chainlog.export.cells import defuse, format_cell, parse_cell
from chainlog.export.columns import layout_of
from chainlog.format.body import open_body, withhold
from chainlog.format.opened import Logged

HEAD = "event,kind,event_time,from,to,lines.item.uii,lines.quantity,x_a"
TIME = "2023-03-01T08:00:00Z"


def table(*rows, head=HEAD):
    return "\n".join([head, *rows, ""]).encode()


@settings(max_examples=100)
@given(st.lists(EVENTS, max_size=4))
def test_every_event_comes_back(events):
    data = written(tabular, logged_of(events))
    assert read_back(tabular, data) == [
        None,
        *(None if is_governing(one.kind) else one for one in events),
    ]
    for row in csv.reader(io.StringIO(data.decode(), newline=""), strict=True):
        assert not [cell for cell in row if cell[:1] in set("\t\n\r")]
    for separator in ",;\t":
        rows = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator)
        assert not [cell for row in rows for cell in row if begins_formula(cell)]


def begins_formula(cell):
    """Whether a spreadsheet would run a cell: its first character that is seen is a sign."""
    seen = unicodedata.normalize("NFKC", cell).lstrip('"').strip().lstrip("\u200b\u200e\ufeff")
    return not is_decimal(cell) and seen[:1] in set("=+-@\u2212")


def test_every_form_of_a_sign_is_defused():
    forms = [chr(one) for one in range(0x110000) if not 0xD800 <= one < 0xE000]
    signs = [one for one in forms if begins_formula(f"{one}x")]
    assert len(signs) > 20
    passed = [one for one in forms if begins_formula(f"{one}=x") and one not in signs]
    assert len(passed) > 25
    for one in passed:
        assert defuse(f"{one}=x") == f"'{one}=x" or one in "\t\r\n"
        assert parse_cell(defuse(f"a;{one}=x"), "text") == f"a;{one}=x" != defuse(f"a;{one}=x")
    for sign in signs:
        formula = f"{sign}HYPERLINK(A1)"
        for text in (formula, f" {formula}", f"\ufeff{formula}", f'x;"{formula}', f"x;' {formula}"):
            assert defuse(text) != text
            assert parse_cell(defuse(text), "text") == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1", "a;'=1"),
        ("a; b;\t-1", "a; b;\t'-1"),
        ("a;'=1", "a;''=1"),
        ("a\n@x", "a\n'@x"),
        ("a;b", "a;b"),
        ("a;'tis", "a;'tis"),
        ("-5", "-5"),
    ],
)
def test_how_a_formula_is_defused(text, cell):
    assert format_cell(text, "text") == cell
    assert parse_cell(cell, "text") == text


@given(TEXT | OWN, st.sampled_from(["text", None]))
@example("'=", "text")
@example('"', None)
def test_every_cell_comes_back(value, form):
    if form == "text" and not isinstance(value, str):
        form = None
    cell = format_cell(value, form)
    assert cell
    assert parse_cell(cell, form) == value
    assert "\0" not in cell


def test_every_kind_has_columns():
    for kind in KINDS:
        layout = layout_of(kind)
        assert layout.forms
        assert all(f"{path}." in "".join(layout.forms) for path in layout.maps)
    forms = layout_of("pack").forms
    assert {name: forms[name] for name in ("container", "container.serial", "items")} == {
        "container": "text",
        "container.serial": "text",
        "items": "json",
    }
    assert layout_of("transfer").forms["lines.value.amount"] == "text"
    assert layout_of("inventory").forms["complete"] == "json"


def test_columns_and_rows_of_an_export():
    event = make(
        1,
        place="+1",
        x_n=7,
        x_t="7",
        lines=[
            {"item": {"uii": "A"}},
            {"lot": {"nsn": "1", "number": "2"}, "quantity": "-5", "unit": "EA"},
        ],
    )
    rows = list(
        csv.DictReader(io.StringIO(written(tabular, logged_of([event])).decode(), newline=""))
    )
    assert list(rows[0])[:7] == ["event", "index", "time", "author", "kind", "event_time", "place"]
    assert list(rows[0])[-2:] == ["x_n", "x_t"]
    assert len(rows) == 3
    one, two = rows[1:]
    assert one["event"] == two["event"]
    assert (one["place"], one["x_n"], one["x_t"], two["lines.quantity"]) == (
        "'+1",
        "7",
        '"7"',
        "-5",
    )
    assert (one["lines.item.uii"], two["lines.item.uii"], two["lines.lot.number"]) == ("A", "", "2")


def test_what_no_vocabulary_knows_is_exported_all_the_same():
    draft = Draft()
    draft.add(
        "teleport",
        {
            "kind": "x",
            "time": 3,
            "event_time": ["a", True],
            "item": {"a.b": {"c": b"\1"}},
            "lines": ["x"],
        },
    )
    draft.add(
        "transfer",
        transfer(1, lines=[{"item": {"a.b": 1}}, {}, "s"], amount=b"\0" * 32, withheld="="),
    )
    logged = [
        Logged(entry, open_body(body, entry.header.body))
        for entry, body in zip(draft.entries, draft.bodies, strict=True)
    ]
    rows = list(csv.DictReader(io.StringIO(written(tabular, logged).decode(), newline="")))
    assert (rows[1][".kind"], rows[1][".time"], rows[1]["item"], rows[1]["lines"]) == (
        "x",
        "3",
        '{"a.b": {"c": "01"}}',
        '["x"]',
    )
    assert (rows[2]["lines"], rows[2][".withheld"]) == ('[{"item": {"a.b": 1}}, {}, "s"]', "'=")


def test_withheld_and_absent_bodies_do_not_come_back():
    draft = Draft()
    draft.add("transfer", transfer(1, note="secret"))
    entry, body = draft.entries[1], draft.bodies[1]
    part = Logged(entry, open_body(withhold(body, entry.header.body, ["note"]), entry.header.body))
    data = written(tabular, [part, Logged(entry, None)])
    assert b"secret" not in data
    told = problems(tabular, data.replace(entry.id.hex().encode(), b"", 1))
    assert [one.partition(": ")[0] for one in told] == [
        "line 2, column withheld",
        "line 3, column withheld",
    ]


def test_an_event_whose_common_cells_are_many_is_one_row(monkeypatch):
    monkeypatch.setattr(tabular, "_REPEAT_LIMIT", 1000)
    event = make(1, note="n" * 600, lines=[{"item": {"uii": "A"}}, {"item": {"uii": "B"}}])
    data = written(tabular, logged_of([event]))
    assert data.count(b"\n") == 3
    assert read_back(tabular, data) == [None, event]


def test_what_a_person_types():
    data = table(
        f",transfer,{TIME}, A ,B,X1,,007",
        f"e1,transfer,{TIME},A,B,'=1,,1.50",
        f"e1,transfer,{TIME},A,B,X2,,1.50",
        ",,,,,,,",
        "",
    )
    base = {"event_time": TIME, "from": "A", "to": "B"}
    one = Event.parse("transfer", {**base, "lines": [{"item": {"uii": "X1"}}], "x_a": "007"})
    two = Event.parse(
        "transfer",
        {**base, "lines": [{"item": {"uii": "=1"}}, {"item": {"uii": "X2"}}], "x_a": "1.50"},
    )
    assert read_back(tabular, data) == [one, two]
    assert read_back(tabular, b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")) == [one, two]


def row(event="", uii="X", quantity="", x_a="", to="B", kind="transfer"):
    return f"{event},{kind},{TIME},A,{to},{uii},{quantity},{x_a}"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "line 1: the file is empty"),
        (table(row()).decode().encode("utf-16"), "line 1: the file is in UTF-16"),
        (table(row(), row(x_a="\xe9")).decode().encode("latin-1"), "line 3: byte 39 is not UTF-8"),
        (table(row(), row(x_a="\0")), "line 3: a NUL byte"),
        (table(row()).replace(b",", b";"), "line 1: the columns are separated by semicolons"),
        (
            table(row()).replace(b",", b"\t"),
            "line 1: the columns are separated by semicolons or tabs",
        ),
        (table(row()).replace(b"\n", b"\r"), "line 1: a carriage return without a line feed"),
        (
            table(row(), row(x_a='"a\nb\nc'), row(), row()),
            "line 3: a double quote is opened here and never closed",
        ),
        (
            table(row(), f'"a\nb",transfer,{TIME},A,"B,X', row()),
            "line 4: a double quote is opened here and never closed",
        ),
        (table(row(x_a='"a"b')), "line 2: not CSV"),
        (table(row(), row()[:-1]), "line 3: 7 cells, where the first line names 8 columns"),
        (table(row(), row() + ","), "line 3: 9 cells"),
        (table(head="kind,place,nonsense"), "line 1, column nonsense: no field of any kind"),
        (table(head="kind,x_a,x_a"), "line 1, column x_a: named twice"),
        (table(head="place"), "line 1: no column is named kind"),
        (table("attest,a", head="kind,"), "line 2: a cell in a column without a name"),
        (
            table(row(quantity="1,5,0".join('""'))),
            "line 2, column lines.quantity: '1,5,0' is no number",
        ),
        (
            table(row("e", quantity=""), row("e", quantity="x")),
            "line 3, column lines.quantity: 'x' is no number",
        ),
        (
            table(row("e"), row("e", to="C")),
            "line 3, column to: not as on line 2 of the same event",
        ),
        (
            table(row("e"), row("f"), row("e")),
            "line 4, column event: the rows of e do not stand together",
        ),
        (table(row(to="")), "line 2, column to: missing"),
        (table(row(kind="nonsense")), "line 2, column kind: 'nonsense' is no kind"),
        (table(row(kind="")), "line 2, column kind: expected the kind"),
        (table(row(to='"""B"')), "line 2, column to: not JSON"),
        (table(row(uii="")), "line 2, column lines: missing"),
        (table(row("e"), row("e", uii="")), "line 3, column lines"),
        (
            table(f"transfer,{TIME},A,B,[],X", head="kind,event_time,from,to,lines,lines.item.uii"),
            "line 2, column lines: lines stand both",
        ),
        (
            table(f"inspect,{TIME},A,{{}},X", head="kind,event_time,now,item,item.uii"),
            "line 2, column item: stands both",
        ),
        (
            table(f"inspect,{TIME},A,X,{{}}", head="kind,event_time,now,item.uii,item"),
            "line 2, column item: stands both",
        ),
        (
            table(f"transfer,{TIME},A,B,X,Y", head="kind,event_time,from,to,lines.item.uii,holder"),
            "line 2, column holder: no field of a transfer",
        ),
        (
            table(f"inventory,{TIME},A,B,yes", head="kind,event_time,holder,counter,complete"),
            "line 2, column complete: not JSON",
        ),
    ],
)
def test_what_is_broken_is_told_with_line_and_column(data, words):
    told = problems(tabular, data)
    assert told[-1].startswith(words), told


def test_a_thousand_columns():
    names = [f"x_{n}" for n in range(1000)]
    data = table(
        ",".join(["transfer", TIME, "A", "B", "X", *map(str, range(1000))]),
        head=",".join(["kind,event_time,from,to,lines.item.uii", *names]),
    )
    (event,) = read_back(tabular, data)
    assert [event.fields[name] for name in names] == list(range(1000))
    told = problems(tabular, data.replace(b"x_", b"y_"))
    assert len(told) == 100


def test_a_big_cell_comes_back_and_the_limit_of_the_process_stays():
    before = csv.field_size_limit()
    event = make(1, x_a="ї" * 1_000_000)
    assert read_back(tabular, written(tabular, logged_of([event]))) == [None, event]
    assert csv.field_size_limit() == before


def test_a_quote_that_swallows_a_big_file_is_told_where_it_began(monkeypatch):
    monkeypatch.setattr("chainlog.export.lines.LINE_LIMIT", 20_000)
    told = problems(tabular, table(row(), row(x_a='"open'), *[row()] * 1000))
    assert told == ("line 3: a double quote is opened here and never closed",)


def test_lines_as_one_cell():
    lines = json.dumps([{"item": {"uii": "X"}, "quantity": None}]).replace(', "quantity": null', "")
    data = io.StringIO()
    csv.writer(data).writerows(
        [["kind", "event_time", "from", "to", "lines"], ["transfer", TIME, "A", "B", lines]]
    )
    (event,) = read_back(tabular, data.getvalue().encode())
    assert event.fields["lines"] == [{"item": {"uii": "X"}}]
