"""Every exporter keeps the contract of exporters; one that breaks it is told which rule, where."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.contract_exporters import exported, faults
from support.events import EVENTS, ledger_of, logged_of, make

from chainlog.audit.settings import Settings
from chainlog.cli.handover import export
from chainlog.errors import EventError
from chainlog.events.door.passage import read_event
from chainlog.export import exporter as contract
from chainlog.export import jsonl
from chainlog.export.disclosure import Making
from chainlog.export.exporter import Option, exporters, guess_format
from chainlog.export.intake import take_in
from chainlog.export.subject import Selection, Subject
from chainlog.format.evidence import parse_evidence
from chainlog.ledger.checkpoints import make_checkpoint

FORMATS = list(exporters().values())
GOOD = replace(jsonl.EXPORTER, name="made", suffixes=(".made",))


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_every_exporter_keeps_the_contract(one):
    assert [fault for fault in faults(FORMATS) if f"{one.name!r}: " in fault] == []


def test_the_formats_are_those_that_have_a_file():
    assert {"jsonl", "csv"} <= {one.name for one in FORMATS}
    assert {".jsonl", ".csv"} <= {one.suffixes[0] for one in FORMATS}


def at_the_door(events):
    """The events as the door has them; those that it refuses are left out."""
    for event in events:
        with suppress(EventError):
            yield event if "." in event.kind else read_event(event).event


@pytest.mark.parametrize("one", [one for one in FORMATS if one.read], ids=lambda one: one.name)
@settings(max_examples=50)
@given(st.lists(EVENTS, max_size=3))
def test_what_is_read_back_is_what_was_written(one, events):
    events = list(at_the_door(events))
    logged = logged_of(events)
    subject, count = exported(one, logged)
    assert count == len(logged)
    first, again = ledger_of(), ledger_of()
    plain = [event for event in events if "." not in event.kind]
    if plain:
        first.append_many(plain)
    data = subject.out.getvalue()
    take_in(again, lambda: one.read(io.BytesIO(data)))
    told = [
        [(x.entry.header.kind, x.fields) for x in ledger.read()][1:] for ledger in (first, again)
    ]
    assert told[0] == told[1]


# Those that break it


def _nothing(subject, out, options):
    del out, options
    return len(list(subject.entries()))


def _all_at_once(subject, out, options):
    del options
    lines = [jsonl.format_entry(one).encode() for one in subject.entries()]
    out(b"".join(lines))
    return len(lines)


def _one_less(subject, out, options):
    return jsonl.EXPORTER.write(subject, out, options) - 1


def _others(file):
    for found in jsonl.read_events(file):
        yield replace(found, event=found.event and make(99))


@pytest.mark.parametrize(
    ("others", "changes", "fault"),
    [
        ((), {"name": ""}, "'': rule 1: a format has a name, in small letters and digits"),
        ((jsonl.EXPORTER,), {"name": "jsonl"}, "'jsonl': rule 1: another format has this name"),
        ((jsonl.EXPORTER,), {"suffixes": (".json",)}, "rule 1: another format has the suffix '.js"),
        ((), {"suffixes": ()}, "'made': rule 1: a format says what its files end with"),
        ((), {"summary": ""}, "'made': rule 1: a format says what it is"),
        ((), {"write": _nothing}, f"{__name__}: 'made': rule 2: it writes nothing for an entry"),
        ((), {"write": _one_less}, "rule 2: it wrote 0 entries, and says that it wrote -1"),
        ((), {"write": _all_at_once}, "rule 3: it takes 1000 entries before it writes"),
        ((), {"read": _others}, "'made': rule 4: it reads back other events than it wrote"),
    ],
)
def test_an_exporter_that_breaks_the_contract_is_told_which_rule_and_where(others, changes, fault):
    assert list(faults([GOOD])) == []
    told = list(faults([*others, replace(GOOD, **changes)]))
    assert any(fault in one for one in told), told


def test_two_files_with_one_name_are_refused(monkeypatch):
    monkeypatch.setattr("chainlog.export.tabular.EXPORTER", jsonl.EXPORTER)
    with pytest.raises(TypeError, match=r"export/tabular\.py: there is another format 'jsonl'"):
        contract.exporters.__wrapped__()


# What they are given


@pytest.mark.parametrize(
    ("name", "start", "found"),
    [
        ("a.csv", b"{", "csv"),
        ("a.JSON", b"x", "jsonl"),
        ("-", b"\xef\xbb\xbf {", "jsonl"),
        ("a.txt", b"kind,", "csv"),
    ],
)
def test_a_file_is_known_by_its_suffix_or_by_how_it_begins(name, start, found):
    assert guess_format(name, start).name == found


def test_a_subject_has_all_that_an_exporter_may_want():
    ledger = ledger_of(*(make(number) for number in range(3)))
    note = make_checkpoint(ledger)
    subject = Subject(ledger, ledger.chain, 3, Selection(frozenset({"transfer"})))
    assert [one.entry.header.index for one in subject.entries()] == [1, 2]
    assert [act.index for act in subject.acts()] == [1, 2]
    assert subject.checkpoint().text == note.text
    assert len(list(subject.items())) == 3
    assert {grant.name for grant in subject.parties()} > set()
    assert {one.code for one in subject.findings()} == {
        one.code for one in Subject(ledger, ledger.chain, 4, settings=Settings).findings()
    }
    shown = parse_evidence(subject.evidence(Making(unwitnessed=True), 1))
    assert len(shown.chains) == 1


def test_a_selection_is_by_kind_and_by_claimed_time():
    selection = Selection(frozenset({"loss"}), 5, 7)
    assert [selection.means("loss", time) for time in (4, 5, 7, 8)] == [False, True, True, False]
    assert not selection.means("found", 6)
    assert Selection().means("found", 6)


OPTIONS = (Option("cbv", ("2.0", "2.1"), "The version", "2.0"), Option("flat", bool, "No maps"))


def test_the_options_of_a_format_are_those_of_the_command(monkeypatch):
    made = {"made": replace(GOOD, options=OPTIONS), "csv": replace(GOOD, name="csv")}
    monkeypatch.setattr(export, "exporters", lambda: made)

    @export.with_options
    def run(**told):
        return told

    given = click.command()(run)
    told = given.get_help(click.Context(given))
    assert "--cbv [2.0|2.1]" in told
    assert "The version (made)" in told
    assert given.main(["--cbv", "2.1"], standalone_mode=False) == {"cbv": "2.1", "flat": None}
    assert export.options_for("made", {"cbv": "2.1", "flat": None}) == {"cbv": "2.1", "flat": None}
    assert export.options_for("made", {"cbv": None, "flat": True}) == {"cbv": "2.0", "flat": True}
    with pytest.raises(click.UsageError, match="csv has no option --cbv"):
        export.options_for("csv", {"cbv": "2.1", "flat": None})
