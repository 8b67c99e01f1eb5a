"""Intake: the whole file is checked first, what is there already stays out, what died half way is finished. And arbitrary events."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from crafting import OWNER, Draft, opening, transfer
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from chainlog.errors import EventError, IntakeError, StoreError
from chainlog.events.event import Event
from chainlog.events.kinds import CUSTODY, KINDS, Accept, ChainOpen, WitnessAdmit, WitnessSuspend
from chainlog.events.plain_json import to_plain
from chainlog.events.terms import WORDS, Item, Line
from chainlog.export import intake, jsonl, tabular
from chainlog.export.intake import PROBLEM_LIMIT, make_plan, parse_json, take_in
from chainlog.format.body import open_body, withhold
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import ED25519_COSIGNATURE, VerifierKey, format_vkey
from chainlog.format.opened import Logged
from chainlog.ledger.ledger import GROUP, Ledger
from chainlog.ledger.signers.files import write_key

# ---------------------------------------------------------------------------------------------------------- arbitrary events

TRICKY = [
    "",
    "=1+1",
    "+380",
    "-x",
    "-5",
    "@a",
    "'",
    "''=",
    "\t",
    "\n=",
    "\r",
    '"',
    '""',
    '"a"',
    "true",
    "null",
    "NaN",
    "12",
    "007",
    "1e5",
    "-0",
    " 12 ",
]
TRICKY += [
    "[1]",
    "[1.5]",
    "{",
    "{}",
    "[[[[[[[[[[1]]]]]]]]]]",
    "a,b;c",
    "a\r\nb",
    "\u202eabc",
    "e\u0301",
    "𐌰",
    "\0",
    "\ufeff",
    "\u2028",
    "9" * 40,
    "'=",
    "😀" * 3,
]
TEXT = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.tuples(st.sampled_from(TRICKY), st.text(max_size=3)).map("".join),
)
TEXT = TEXT.filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text))
OWN = st.recursive(
    TEXT | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
INSTANT = st.datetimes().map(lambda moment: moment.strftime("%H:%M:%SZ")).map("2023-03-01T".__add__)
BY_WORDS = {
    "a party": TEXT.map(str.strip).filter(bool),
    "a decimal": st.sampled_from(["0", "-5", "10.5", "-0.001", "9" * 30]),
    "a currency": st.sampled_from(["USD", "UAH"]),
    "an instant": INSTANT,
    "a date such as 2023-03-01": st.just("2024-02-29"),
    "an origin": st.just("example.org/depot"),
    "a media type": st.just("image/jpeg"),
}
KEYS = [Ed25519Signer.from_seed(bytes([n]) * 32).key_id for n in range(1, 5)]
VKEYS = [format_vkey(VerifierKey(f"свідок.example/w{n}", ED25519_COSIGNATURE, key[1:])) for n, key in enumerate(KEYS)]


def of_type(shape):  # noqa: C901, PLR0911  (one branch a type)
    match shape:
        case inspect.Metadata():
            return of_type(shape.type)
        case inspect.UnionType():
            return st.one_of(*map(of_type, shape.types))
        case inspect.StrType(pattern=None):
            return TEXT.map(lambda text: text[: shape.max_length]).filter(lambda text: len(text) >= (shape.min_length or 0))
        case inspect.StrType():
            return next(made for words, made in BY_WORDS.items() if WORDS[shape.pattern].startswith(words))
        case inspect.BytesType(min_length=33):
            return st.sampled_from(KEYS)
        case inspect.BytesType():
            return st.binary(min_size=32, max_size=32)
        case inspect.LiteralType():
            return st.sampled_from(shape.values)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.integers(shape.ge, shape.le)
        case inspect.ListType():
            return st.lists(of_type(shape.item_type), min_size=1, max_size=3)
        case inspect.StructType():
            return of_struct(shape)
        case inspect.DictType():
            return st.deferred(lambda: CUSTODY_EVENTS).map(lambda event: {"kind": event.kind, **event.fields})
    raise AssertionError(shape)


def of_struct(shape):
    fields = {field.encode_name: of_type(field.type) for field in shape.fields}
    needed = {field.encode_name for field in shape.fields if field.required}

    def one(*names, optional=()):
        return st.fixed_dictionaries({name: fields[name] for name in names}, optional={name: fields[name] for name in optional})

    if shape.cls is Item:
        return one("maker", "part", "serial") | one("uii")
    if shape.cls is Line:
        more = ("nsn", "type", "condition", "value")
        return one("item", optional=more) | one("lot", "quantity", "unit", optional=more) | one("amount", "currency", optional=more)
    if shape.cls is Accept:
        needed |= {"document"}
    if shape.cls in {WitnessAdmit, WitnessSuspend}:
        fields["vkey"] = st.sampled_from(VKEYS)
    if shape.cls is ChainOpen:
        fields["keys"], fields["holders"] = st.just([{"key": KEYS[0], "roles": ["owner"]}]), st.just([{"name": "=Ім'я"}])
    return one(*sorted(needed), optional=sorted(fields.keys() - needed))


def events_of(kind, own=True):
    made = of_struct(inspect.type_info(KINDS[kind]))
    if own:
        made = st.builds(lambda fields, more: fields | more, made, st.dictionaries(st.sampled_from(["x_", "x_a", "x_b"]), OWN, max_size=2))
    return made.map(lambda fields: Event.parse(kind, fields))


CUSTODY_EVENTS = st.sampled_from([shape.kind for shape in CUSTODY]).flatmap(events_of)
EVENTS = CUSTODY_EVENTS | st.sampled_from(sorted(set(KINDS) - {shape.kind for shape in CUSTODY})).flatmap(
    lambda kind: events_of(kind, own=False)
)


def logged_of(events):
    """The events as entries of a chain, after its opening."""
    draft = Draft()
    for event in events:
        draft.add(event.kind, event.fields)
    return [Logged(entry, open_body(body, entry.header.body)) for entry, body in zip(draft.entries, draft.bodies, strict=True)]


def written(form, logged):
    out = io.StringIO(newline="")
    assert form.write_entries(lambda: iter(logged), out.write) == len(logged)
    return out.getvalue().encode()


def read_back(form, data):
    return [found.problem or found.event for found in form.read_events(io.BytesIO(data))]


def problems(form, data):
    with pytest.raises(IntakeError) as caught:
        take_in(ledger_of(), lambda: form.read_events(io.BytesIO(data)))
    return caught.value.problems


def ledger_of(*events):
    ledger = Ledger.create("memory:", opening(), OWNER)
    ledger.append_many(events)
    return ledger


def make(n, **more):
    return Event.parse("transfer", transfer(n, **more))


def reader_of(events, form=jsonl):
    data = written(form, logged_of(events))
    return lambda: form.read_events(io.BytesIO(data))


def held(ledger):
    return [logged.fields["lines"][0]["item"]["serial"] for logged in ledger.read(1)]


# ------------------------------------------------------------------------------------------------------------------- intake


@pytest.mark.parametrize("form", [jsonl, tabular])
def test_taken_in_twice_adds_nothing(form):
    ledger, reader = ledger_of(), reader_of([make(1), make(2), make(1)], form)
    first, second = take_in(ledger, reader), take_in(ledger, reader)
    assert (first.read, first.skipped_governing, first.already_there, first.appended) == (4, 1, 0, 3)
    assert (second.read, second.skipped_governing, second.already_there, second.appended) == (4, 1, 3, 0)
    assert held(ledger) == ["SN-1", "SN-2", "SN-1"]


def test_kth_equal_event_is_the_kth_in_the_chain():
    ledger = ledger_of(make(9), make(1))
    assert take_in(ledger, reader_of([make(1), make(2), make(1), make(1)])).appended == 3
    assert held(ledger) == ["SN-9", "SN-1", "SN-2", "SN-1", "SN-1"]
    assert take_in(ledger, reader_of([make(1)])).already_there == 1


@settings(max_examples=30)
@given(st.lists(st.integers(0, 2), max_size=6), st.lists(st.integers(0, 2), max_size=6))
def test_any_intake_holds_both_counts_once(there, file):
    ledger = ledger_of(*map(make, there))
    take_in(ledger, reader_of(map(make, file)))
    serials = held(ledger)
    assert all(serials.count(f"SN-{n}") == max(there.count(n), file.count(n)) for n in range(3))


def test_dry_run_and_plan_write_nothing():
    ledger, reader = ledger_of(make(1)), reader_of([make(1), make(2)])
    plan = make_plan(ledger, reader)
    assert (plan.read, plan.skipped_governing, plan.already_there, plan.new) == (3, 1, 1, 1)
    assert take_in(ledger, reader, dry_run=True).appended == 0
    assert ledger.head.size == 2


def test_what_died_half_way_is_finished(monkeypatch):
    ledger, events = ledger_of(), [make(n % 7) for n in range(2 * GROUP + 5)]
    reader, append, calls = reader_of(events), ledger.engine.append, []

    def dies(*args):
        calls.append(1)
        if len(calls) == 2:
            raise StoreError("the drive is gone")
        return append(*args)

    monkeypatch.setattr(ledger.engine, "append", dies)
    with pytest.raises(StoreError):
        take_in(ledger, reader)
    assert ledger.head.size == 1 + GROUP
    done = take_in(ledger, reader)
    assert (done.already_there, done.appended) == (GROUP, GROUP + 5)
    assert held(ledger) == [f"SN-{n % 7}" for n in range(2 * GROUP + 5)]


def test_a_chain_that_moved_while_a_person_was_asked_is_compared_again():
    ledger, reader = ledger_of(), reader_of([make(1), make(2)])
    plan = make_plan(ledger, reader)
    ledger.append(make(2))
    assert intake.carry_out(ledger, reader, plan).appended == 1
    assert held(ledger) == ["SN-2", "SN-1"]


def test_a_file_that_changes_between_the_readings_is_said():
    ledger, passes = ledger_of(), iter([reader_of([make(1)])(), jsonl.read_events(io.BytesIO(b"{}"))])
    with pytest.raises(IntakeError, match="changed while"):
        take_in(ledger, lambda: next(passes))


def test_nothing_is_appended_when_one_line_is_wrong_and_problems_are_bounded():
    good = jsonl.format_entry(logged_of([make(1)])[1]).encode()
    ledger = ledger_of()
    with pytest.raises(IntakeError) as caught:
        take_in(ledger, lambda: jsonl.read_events(io.BytesIO(good + b"[]\n" * 5000)))
    assert len(caught.value.problems) == PROBLEM_LIMIT
    assert caught.value.problems[0] == "line 2: expected an object with kind and event"
    assert ledger.head.size == 1


def test_an_event_that_is_too_much_for_a_body_is_a_problem():
    line = {"kind": "transfer", "event": to_plain(transfer(x_a=["a"] * 20_001))}
    assert problems(jsonl, json.dumps(line).encode())[0].startswith("line 1: an event of 2000")
    line["event"]["x_a"] = "a" * (4 * 2**20)
    assert "the limit is 4194304" in problems(jsonl, json.dumps(line).encode())[0]


def test_the_chain_may_hold_withheld_absent_and_deep_events():
    deep = make(1, x_a=[[[[[[[[["deep"]]]]]]]]])
    ledger = ledger_of(deep, make(2), make(3))
    raws = ledger.engine._chains[ledger.chain]
    raws[2] = (raws[2][0], withhold(raws[2][1], ledger.entry(2).entry.header.body, ["from"]))
    raws[3] = (raws[3][0], b"")
    done = take_in(ledger, reader_of([deep, make(2), make(3)]))
    assert (done.already_there, done.appended) == (1, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "stands twice"),
        ("NaN", "NaN is no number"),
        ("[1", "not JSON: expecting"),
        ("[" * 100_000, "too many arrays"),
        ("9" * 5000, "too many digits"),
        ("1e99999999999999999999", "too many digits"),
        (r'"\ud800"', "surrogate"),
    ],
)
def test_doubtful_json_is_refused(text, words):
    with pytest.raises(EventError, match=words):
        parse_json(text)


def test_exact_numbers():
    line = {
        "kind": "fund",
        "event": {"event_time": "2023-03-01T08:00:00Z", "step": "return", "currency": "USD", "from": " A", "to": "B", "amount": "@"},
    }
    data = json.dumps(line).replace('"@"', "10.50").encode()
    (event,) = read_back(jsonl, data)
    assert event.fields["amount"] == "10.5"
    assert event.fields["from"] == "A"


# ------------------------------------------------------------------------------------------------------------------ command


@pytest.fixture
def here(tmp_path):
    write_key(tmp_path / "key.pem", OWNER, b"")
    Ledger.create(tmp_path / "ledger", opening(), OWNER, marks=tmp_path / "marks").close()
    return tmp_path


def run(here, *args, data=None):
    command = [sys.executable, "-m", "chainlog.cli", "--ledger", here / "ledger", "--key", here / "key.pem", *args]
    code = "import sys; from chainlog.cli.main import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, command[3:])], input=data or b"", capture_output=True, check=False, timeout=60
    )


@pytest.mark.parametrize(("name", "form"), [("jsonl", jsonl), ("csv", tabular)])
def test_import_and_export_by_command(here, name, form):
    data = written(form, logged_of([make(1, place="=1", note="два\r\nрядки"), make(1)]))
    file = here / f"in.{name}"
    file.write_bytes(data)
    assert run(here, "import", file).returncode == 2
    dry = run(here, "import", file, "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, b"3 read, 1 that govern a chain passed over; 2 would be appended\n")
    done = run(here, "import", "-", "--yes", "--json", data=data)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"read": 3, "skipped": 1, "known": 0, "appended": 2, "dry_run": False}), (
        done.stderr
    )
    out = here / f"out.{name}"
    out.write_text("old")
    assert run(here, "export", name, "-o", out).returncode == 0
    assert run(here, "export", name).stdout == out.read_bytes()
    assert read_back(form, out.read_bytes()) == read_back(form, data)
    again = run(here, "import", out, "--yes", "--json")
    assert json.loads(again.stdout)["known"] == 2
    assert not list(here.glob(".*"))


def test_errors_of_the_commands(here):
    bad = here / "bad.csv"
    bad.write_text("kind;place\na;b\n")
    done = run(here, "import", bad, "--yes")
    assert done.returncode == 1
    assert b"line 1: the columns are separated by semicolons" in done.stderr
    assert b"nothing was appended" in done.stderr
    assert run(here, "import", here / "none.csv", "--yes").returncode == 1
    assert b"cannot be written" in run(here, "export", "csv", "-o", here / "no" / "where").stderr
    assert run(here, "import", "-").returncode == 2
