"""Intake: the whole file is checked first, what is there already stays out, what died half way is
finished. And arbitrary events.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import OWNER, opening, transfer
from support.events import held, ledger_of, logged_of, make, problems, read_back, reader_of, written

from chainlog.errors import IntakeError, Sentence, StoreError
from chainlog.events.event import Event
from chainlog.events.plain_json import to_plain
from chainlog.export import intake, jsonl, tabular
from chainlog.export.intake import PROBLEM_LIMIT, make_plan, shorten, take_in
from chainlog.export.words.catalogue import words
from chainlog.format.body import withhold
from chainlog.ledger.ledger import GROUP, Ledger
from chainlog.ledger.signers.files import write_key

# ------------------------------------------------------------------------------------------- intake


@pytest.mark.parametrize("form", [jsonl, tabular])
def test_taken_in_twice_adds_nothing(form):
    ledger, reader = ledger_of(), reader_of([make(1), make(2), make(1)], form)
    first, second = take_in(ledger, reader), take_in(ledger, reader)
    assert (first.read, first.skipped_governing, first.already_there, first.appended) == (
        4,
        1,
        0,
        3,
    )
    assert (second.read, second.skipped_governing, second.already_there, second.appended) == (
        4,
        1,
        3,
        0,
    )
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


def loose(serial, unit="ea"):
    """An event as it was signed before there was a door."""
    lot = {"nsn": "1310-01-234-5678", "number": f"{serial} "}
    return Event.parse(
        "transfer", {**transfer(), "lines": [{"lot": lot, "quantity": "5", "unit": unit}]}
    )


@pytest.mark.parametrize("form", [jsonl, tabular])
def test_what_was_signed_in_another_spelling_is_known_again(form):
    unknown = make("?", document="-")
    signed = [loose("L7"), unknown, loose("L8", "EA"), make(1), unknown]
    ledger = ledger_of(*signed)
    done = take_in(ledger, reader_of(signed, form))
    assert (done.already_there, done.appended) == (5, 0)
    # What the door makes of it is the same event, and one more of it is new, and canonical.
    done = take_in(ledger, reader_of([loose("L7"), loose("L7")], form))
    assert (done.already_there, done.appended) == (1, 1)
    assert ledger.entry(ledger.head.size - 1).fields["lines"][0] == {
        "lot": {"nsn": "1310012345678", "number": "L7"},
        "quantity": "5",
        "unit": "EA",
    }


def test_what_the_door_refuses_is_refused_beyond_what_the_chain_holds():
    unknown = make(1, document="?")
    with pytest.raises(IntakeError) as caught:
        take_in(ledger_of(unknown), reader_of([make(2), unknown, unknown, make(3, document="б/н")]))
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["line 4", "line 5"]
    assert "'?' names nothing; leave it out where it is not known" in caught.value.problems[0]
    plan = make_plan(ledger_of(), reader_of([loose("L7")]))
    assert plan.remarks[-1] == "'ea' is taken as 'EA'"


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
    ledger, passes = (
        ledger_of(),
        iter([reader_of([make(1)])(), jsonl.read_events(io.BytesIO(b"{}"))]),
    )
    with pytest.raises(IntakeError, match="changed while"):
        take_in(ledger, lambda: next(passes))


def test_a_problem_is_cut_to_a_screen_and_can_still_be_told_in_ukrainian():
    line = json.dumps({"kind": "transfer", "event": {"x" * 4000: 1}}).encode()
    (problem,) = problems(jsonl, line)
    assert len(problem) < 400
    assert "x" * 24 in problem
    assert words("uk").tell(problem).startswith("рядок 1, ")
    assert shorten("y" * 301) == "y" * 299 + "…"
    deep = Sentence("{a}: {b}", a="a" * 900, b=Sentence("entry {c}", c="c" * 900))
    assert len(shorten(deep)) <= 300


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


def test_exact_numbers():
    line = {
        "kind": "fund",
        "event": {
            "event_time": "2023-03-01T08:00:00Z",
            "step": "return",
            "currency": "USD",
            "from": " A",
            "to": "B",
            "amount": "@",
        },
    }
    data = json.dumps(line).replace('"@"', "10.50").encode()
    (event,) = read_back(jsonl, data)
    assert event.fields["amount"] == "10.5"
    assert event.fields["from"] == "A"


# ------------------------------------------------------------------------------------------ command


@pytest.fixture
def here(tmp_path):
    write_key(tmp_path / "key.pem", OWNER, b"")
    Ledger.create(tmp_path / "ledger", opening(), OWNER, marks=tmp_path / "marks").close()
    return tmp_path


def run(here, *args, data=None):
    command = [
        sys.executable,
        "-m",
        "chainlog.cli",
        "--ledger",
        here / "ledger",
        "--key",
        here / "key.pem",
        *args,
    ]
    code = "import sys; from chainlog.cli.main import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, command[3:])],
        input=data or b"",
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(("name", "form"), [("jsonl", jsonl), ("csv", tabular)])
def test_import_and_export_by_command(here, name, form):
    data = written(form, logged_of([make(1, place="=1", note="два\r\nрядки"), make(1)]))
    file = here / f"in.{name}"
    file.write_bytes(data)
    assert run(here, "import", file).returncode == 2
    dry = run(here, "import", file, "--dry-run")
    assert (dry.returncode, dry.stdout) == (
        0,
        b"3 read, 1 that govern a chain passed over; 2 would be appended\n",
    )
    done = run(here, "import", "-", "--yes", "--json", data=data)
    assert (done.returncode, json.loads(done.stdout)) == (
        0,
        {"read": 3, "skipped": 1, "known": 0, "appended": 2, "dry_run": False},
    ), done.stderr
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
