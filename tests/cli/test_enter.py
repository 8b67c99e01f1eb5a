"""A person at the keyboard: one sitting, many events, wrong answers, cold fingers, full disks."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import sqlite3
import string
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pexpect
import pytest
from support.chains import OWNER, Draft, opening
from support.words import conversation

from chainlog.cli import talk as messages
from chainlog.cli.main import main
from chainlog.cli.record import enter
from chainlog.cli.record.dialog import advice as knowing
from chainlog.cli.record.dialog import ask as asking
from chainlog.cli.record.dialog import lines
from chainlog.cli.record.dialog import questions as answers_module
from chainlog.cli.record.dialog.questions import questions as questions_of
from chainlog.cli.talk import Wrong, pick
from chainlog.errors import ReadOnlyError, StoreError
from chainlog.events.event import Event
from chainlog.events.kinds import CUSTODY
from chainlog.events.plain_json import to_plain
from chainlog.export.words.catalogue import language
from chainlog.format.keys import Ed25519Signer
from chainlog.index import index
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import write_key
from chainlog.store import durable
from chainlog.store.engine import EMPTY
from chainlog.store.segment import engine as segment
from chainlog.verifier.report import Verdict

CLERK = Ed25519Signer.from_seed(b"\x07" * 32)
CATALOGUE = {spoken: conversation(spoken) for spoken in ("en", "uk")}
ENGLISH, UKRAINIAN = CATALOGUE["en"], CATALOGUE["uk"]
NONE = ""
HANDED = ["transfer", "2023-03-01 10:30", "Порт", "Склад 7", "1ABC2/M777/0042", NONE, NONE]


class Person:
    """Answers line by line; a function is called in between, an exception is what happens instead
    of an answer.
    """

    def __init__(self, answers):
        self.answers = list(answers)

    def isatty(self):
        return False

    def readline(self):
        while self.answers:
            answer = self.answers.pop(0)
            if callable(answer) and not isinstance(answer, type):
                answer()
            elif isinstance(answer, str):
                return f"{answer}\n"
            else:
                raise answer
        return ""


@pytest.fixture
def depot(tmp_path, monkeypatch):
    """A ledger whose key has no passphrase, here."""
    for name in ("CHAINLOG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(segment, "LOCK_SECONDS", 0.05)
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path))
    write_key(tmp_path / "key.pem", CLERK, None)
    opening = {
        "origin": "example.org/depot",
        "site": "Склад 7",
        "keys": [{"key": CLERK.key_id, "roles": ["owner", "custodian"]}],
        "holders": [{"name": "Олена Ковальчук", "party": "Склад 7, Рівне"}],
    }
    Ledger.create(
        tmp_path / "depot", opening, CLERK, marks=tmp_path / "marks", key="../key.pem"
    ).close()
    monkeypatch.chdir(tmp_path / "depot")
    return tmp_path / "depot"


@pytest.fixture
def sit(depot, monkeypatch, capsys):
    """One sitting; gives `code`, `ids`, `err` and the `events` that the ledger then has."""

    def call(*answers, code=0, failing=False):
        person = Person(answers)
        monkeypatch.setattr(sys, "stdin", person)
        with pytest.raises(SystemExit) as left:
            main(["enter"])
        said = capsys.readouterr()
        assert left.value.code == code, said.err
        assert person.answers == [], (person.answers, said.err)
        assert ("could not be compared" in said.err) == failing
        return SimpleNamespace(ids=said.out.split(), err=said.err, events=events(depot))

    return call


def events(folder):
    with Ledger.open(folder, marks=folder.parent / "marks") as ledger:
        return [
            SimpleNamespace(
                kind=one.entry.header.kind, id=one.entry.id, fields=to_plain(one.fields)
            )
            for one in ledger.read(1)
        ]


# One sitting


@pytest.mark.parametrize(
    ("typed", "quantity", "unit"),
    [
        ("lot 1310-01-234-5678/ЛОТ-7 1 200 шт", "1200", "шт"),
        ("lot 1310 01 234 5678/ЛОТ-7 1\u00a0200,5 кг.", "1200.5", "кг"),
        ("lot 1310012345678/ЛОТ-7 1,5 ea", "1.5", "EA"),
    ],
)
def test_a_lot_is_read_as_it_is_written_on_paper(sit, typed, quantity, unit):
    lines = ["lot 1310012345678/ЛОТ-7 1.000 EA", typed, "1=1,000", f"1={quantity}", ""]
    done = sit("inventory", "now", "Склад 7, Рівне", "?", "Олена", "yes", *lines, "", "1", "3")
    (event,) = done.events
    assert event.fields["lines"] == [
        {
            "lot": {"nsn": "1310012345678", "number": "ЛОТ-7"},
            "quantity": quantity,
            "unit": unit,
        }
    ]
    assert done.err.count("write 1000 or 1.0000") == 2
    assert "'?' names nothing: name who it was" in done.err


def test_an_event_is_asked_shown_and_recorded(sit, depot):
    said = sit(*HANDED, "yes", "quit")
    (event,) = said.events
    assert said.ids == [event.id.hex()[:12]]
    assert event.kind == "transfer"
    assert event.fields == {
        "event_time": event.fields["event_time"],
        "from": "Порт",
        "to": "Склад 7",
        "lines": [{"item": {"maker": "1ABC2", "part": "M777", "serial": "0042"}}],
        "entry_mode": "manual",
    }
    assert (
        datetime.fromisoformat(event.fields["event_time"])
        == datetime(2023, 3, 1, 10, 30).astimezone()
    )
    assert "you sign as Олена Ковальчук, for Склад 7, Рівне" in said.err
    assert "    - 1ABC2/M777/0042" in said.err
    assert "recorded in this sitting and kept: 1" in said.err
    with Ledger.open(depot, marks=depot.parent / "marks") as ledger:
        assert ledger.verify().verdict is Verdict.HOLDS


def test_the_last_answers_are_offered_again(sit):
    more = ["3", "now", "Н-17", NONE, NONE, "0043", NONE, NONE, "y"]
    said = sit(
        *HANDED[:-1],
        "place",
        "Рівне",
        NONE,
        "1",
        "2",
        *more,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        "/X/0044",
        "uii:A%2FB",
        NONE,
        "2",
        NONE,
        NONE,
        "1",
        "q",
    )
    first, second, third = said.events
    assert (first.kind, second.kind, third.kind) == ("transfer", "dispatch", "dispatch")
    assert {one.fields["from"] for one in said.events} == {"Порт"}
    assert {one.fields["to"] for one in said.events} == {"Склад 7"}
    assert second.fields["document"] == third.fields["document"] == "Н-17"
    assert second.fields["lines"] == [
        {"item": {"maker": "1ABC2", "part": "M777", "serial": "0043"}}
    ]
    assert third.fields["lines"] == [
        {"item": {"maker": "", "part": "X", "serial": "0044"}},
        {"item": {"uii": "A/B"}},
    ]
    assert third.fields["place"] == "Рівне"
    assert "from whom [Порт]:" in said.err
    assert "line 1 [1ABC2/M777/…]:" in said.err
    assert "place [Рівне], - for none:" in said.err


def answers_to(question, file):
    """One right answer, or more lines of them, to a question."""
    return {
        "time": ["now"],
        "moment": ["2023-04-01"],
        "date": ["today"],
        "choice": [question.values[-1] if question.values else ""],
        "letter": ["c"],
        "yes": ["y"],
        "item": ["1ABC2/M777/1"],
        "container": ["Ящик 7"],
        "id": ["ab" * 32],
        "ids": [f"{'ab' * 32}, {'cd' * 32}"],
        "reference": ["АКТ-1"],
        "number": ["010.50"],
        "currency": ["uah"],
        "lines": ["1ABC2/M777/1", "lot 1310-01-234-5678/L77 120 EA", "12.50 usd", NONE],
        "items": ["1ABC2/M777/1", "2", NONE],
        "files": [str(file), NONE],
        "event": ["transfer", "now", "Порт", "Склад", "uii:1", NONE, NONE],
        "text": [f"слово {question.name}"],
        "party": [f"слово {question.name}"],
    }[question.form]


@pytest.mark.parametrize("kind", [shape.kind for shape in CUSTODY])
def test_every_kind_can_be_entered_with_all_its_fields(sit, tmp_path, kind):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8")
    asked = questions_of(kind)
    answers = [one for question in asked if question.needed for one in answers_to(question, photo)]
    for number, question in enumerate((one for one in asked if not one.needed), 1):
        answers += [str(number), *answers_to(question, photo)]
    (event,) = sit(kind, *answers, NONE, "1", "3").events
    assert event.kind == kind
    assert set(event.fields) == {one.name for one in asked}
    if "lines" in event.fields:
        assert [*event.fields["lines"][1:]] == [
            {"lot": {"nsn": "1310012345678", "number": "L77"}, "quantity": "120", "unit": "EA"},
            {"amount": "12.5", "currency": "USD"},
        ]


def test_every_kind_is_in_the_list_once():
    assert sorted(answers_module.KIND_ORDER) == sorted(shape.kind for shape in CUSTODY)


# Wrong answers


def test_a_wrong_answer_says_why_and_asks_again(sit):
    said = sit(
        "fly",
        "re",
        "99",
        "²",
        "loss",
        "someday",
        "2023-02-30",
        "25:00",
        "2023-03-01",
        NONE,
        "x" * 201,
        "esc\x1b[A",
        "\udcff",
        "Бригада",
        "sunk",
        "com",
        "9",
        "final",
        "0042",
        "a lot",
        "1/2/",
        "lot 1310",
        "lot 1310/L7 много EA",
        "lot 1310/L7 5 EA",
        "5.5.5 USD",
        "-9",
        "-",
        "-",
        NONE,
        "-1",
        "1ABC2/M777/0042",
        "0042",
        "1ABC2/M777/0042",
        NONE,
        "lost_on",
        "10:30",
        "28.02.2023",
        NONE,
        "perhaps",
        "y",
        "q",
    )
    (event,) = said.events
    assert event.fields["holder"] == "Бригада"
    assert (event.fields["cause"], event.fields["report"], event.fields["lost_on"]) == (
        "combat",
        "final",
        "2023-02-28",
    )
    assert event.fields["lines"] == [{"item": {"maker": "1ABC2", "part": "M777", "serial": "0042"}}]
    for key in (
        "choice",
        "needed",
        "text",
        "keys",
        "first",
        "line",
        "lot",
        "number",
    ):
        assert ENGLISH[f"wrong.{key}"].split("{")[0] in said.err, key
    assert "write year-month-day or day.month.year" in said.err
    assert "which of receive, register?" in said.err
    assert "a number from 1 to 19" in said.err
    assert "that is line 1 already" in said.err
    assert "there is no line 9" in said.err


def test_an_answer_can_be_changed_and_an_event_discarded(sit):
    said = sit(
        *HANDED,
        "change",
        "to",
        "Склад 8",
        "lines",
        "-1",
        "0050",
        NONE,
        "place",
        "Рівне",
        "place",
        "-",
        NONE,
        "yes",
        "again",
        NONE,
        NONE,
        NONE,
        "0051",
        NONE,
        NONE,
        "discard",
        "another",
        "q",
    )
    (event,) = said.events
    assert event.fields["to"] == "Склад 8"
    assert event.fields["lines"][0]["item"]["serial"] == "0050"
    assert "place" not in event.fields
    assert "to whom [Склад 8]" in said.err
    assert ENGLISH["discarded"] in said.err


def test_nothing_seen_is_an_answer_only_where_it_can_be(sit):
    said = sit("inventory", "now", "Склад 7", "Інспектор", "yes", NONE, NONE, "1", "q")
    assert "lines" not in said.events[0].fields
    assert "lines: 0" in said.err


def test_a_condition_in_the_other_alphabet(sit):
    said = sit("inspect", "now", "1ABC2/M777/1", "Я", "А", NONE, "1", "q")
    assert said.events[0].fields["now"] == "A"
    assert "a condition is one of A B C D E F G H S" in said.err


# Entries that are named, files


def test_entries_go_by_prefix_or_document(sit):
    first = sit(*HANDED[:-1], "document", "Н 17", NONE, "1", "q").events[0].id.hex()
    said = sit(
        "accept",
        "now",
        "Н 17",
        "yes",
        NONE,
        "1",
        "again",
        "now",
        first[:9],
        "no",
        NONE,
        "1",
        "another",
        "attest",
        "now",
        "00000000",
        "Н 17",
        first[:12],
        NONE,
        "1",
        "q",
    )
    _, by_document, by_id, attested = (one.fields for one in said.events)
    assert by_document["document"] == "Н 17"
    assert "entry" not in by_document
    assert by_id["entry"] == attested["entry"] == first
    assert "document" not in by_id
    assert "no entry with the id or document '00000000'" in said.err
    assert "2 entries have the document 'Н 17'; name one by its id" in said.err


def test_a_correction_offers_what_the_corrected_event_said(sit):
    first = sit(*HANDED, "1", "q").events[0]
    said = sit(
        "correct",
        "now",
        first.id.hex()[:8],
        "2",
        "replacement",
        NONE,
        "Порт 2",
        NONE,
        "-",
        "0043",
        NONE,
        NONE,
        NONE,
        "1",
        "q",
    )
    replaced = said.events[1].fields["replacement"]
    assert replaced == {
        **first.fields,
        "kind": "transfer",
        "from": "Порт 2",
        "lines": replaced["lines"],
    }
    assert [line["item"]["serial"] for line in replaced["lines"]] == ["0043"]


def test_what_governs_is_not_replaced_so(sit, depot):
    with Ledger.open(depot, marks=depot.parent / "marks") as ledger:
        opened = ledger.chain.hex()
    said = sit("correct", "now", opened[:8], "2", "replacement", NONE, "3", "q")
    assert ENGLISH["wrong.other_kind"] in said.err
    assert said.events == []


def test_files_are_kept_with_the_event(sit, depot, tmp_path):
    photo = tmp_path / "знімок.jpg"
    photo.write_bytes(b"as it was")
    later = lambda: photo.write_bytes(b"as it is")  # noqa: E731
    said = sit(
        *HANDED[:-1],
        "6",
        "nowhere.jpg",
        ".",
        f"'{photo}'",
        str(photo),
        "-",
        NONE,
        NONE,
        later,
        "1",
        "change",
        NONE,
        "1",
        "q",
    )
    (event,) = said.events
    assert [(one["size"], one["type"]) for one in event.fields["attachments"]] == [
        (8, "image/jpeg")
    ]
    assert "there is no such file: nowhere.jpg" in said.err
    assert "changed while it was read" in said.err
    with Ledger.open(depot, marks=depot.parent / "marks") as ledger:
        assert (
            b"".join(ledger.engine.blob(bytes.fromhex(event.fields["attachments"][0]["sha256"])))
            == b"as it is"
        )


def test_a_file_that_has_gone_is_said_and_can_be_taken_away(sit, tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"x")
    said = sit(
        *HANDED[:-1],
        "attachments",
        str(photo),
        NONE,
        photo.unlink,
        NONE,
        "change",
        "attachments",
        "-",
        NONE,
        NONE,
        "yes",
        "q",
    )
    assert "attachments" not in said.events[0].fields
    assert "photo.jpg cannot be read" in said.err


# What the ledger knows


ME, PORT = "Склад 7, Рівне", "Порт"


def say(depot, kind, **fields):
    """The clerk said something before this sitting."""
    with Ledger.open(depot, CLERK, marks=depot.parent / "marks") as ledger:
        told = {name.rstrip("_"): value for name, value in fields.items()}
        return ledger.append(Event.parse(kind, {"event_time": "2026-01-01T08:00:00Z", **told}))


def items_of(*serials, **more):
    return [
        {"item": {"maker": "1ABC2", "part": "M777", "serial": serial}, **more} for serial in serials
    ]


def shells(quantity):
    return {"lot": {"nsn": "1310", "number": "L7"}, "quantity": str(quantity), "unit": "EA"}


@pytest.fixture
def stock(depot):
    """The depot has twelve guns and ten shells, and gave a thirteenth gun to the brigade."""
    guns = items_of(*(f"SN-{n}" for n in range(1, 13)), type="M777")
    say(
        depot,
        "register",
        owner="MoD",
        holder=ME,
        monitoring="routine",
        lines=[*guns, shells(10), *items_of("SN-13")],
    )
    say(depot, "transfer", from_=ME, to="3-тя бригада", lines=items_of("SN-13"))
    return depot


@pytest.fixture
def sent(depot):
    """The port's chain is held here: it sent two guns and ten shells."""
    opened = {
        **opening(keys=((OWNER, ["owner", "custodian"]),), site=PORT),
        "origin": "example.org/port",
    }
    draft = Draft(opened)
    things = [*items_of("SN-21", "SN-22", type="M777"), shells(10)]
    fields = {
        "event_time": "2026-01-01T08:00:00Z",
        "owner": "MoD",
        "holder": PORT,
        "monitoring": "routine",
        "lines": things,
    }
    draft.add("register", fields, OWNER, time=1_767_312_000_000)
    fields = {
        "event_time": "2026-01-02T08:00:00Z",
        "from": PORT,
        "to": ME,
        "document": "Н-17",
        "lines": things,
    }
    dispatch = draft.add("dispatch", fields, OWNER, time=1_767_340_800_000)
    with Ledger.open(depot, marks=depot.parent / "marks") as ledger:
        ledger.engine.append(
            draft.chain,
            EMPTY,
            [(entry.raw, body) for entry, body in zip(draft.entries, draft.bodies, strict=True)],
        )
    return dispatch.id.hex()


def test_a_party_is_picked_completed_or_typed(sit, stock):
    said = sit(
        "transfer",
        "now",
        "1",
        "3-тя",
        "SN-1",
        NONE,
        NONE,
        "y",
        "again",
        "now",
        "=Скл",
        "інша",
        "uii:1",
        NONE,
        NONE,
        "y",
        "again",
        "now",
        "77",
        "Склад",
        "Нова",
        "uii:2",
        NONE,
        NONE,
        "y",
        "q",
    )
    parties = [(one.fields["from"], one.fields["to"]) for one in said.events[2:]]
    assert parties == [(ME, "3-тя бригада"), ("Скл", "інша"), ("Склад", "Нова")]
    assert f"  1 {ME} · 2 3-тя бригада" in said.err
    assert "taken as 3-тя бригада; write =3-тя for just that" in said.err
    assert "a number from 1 to " in said.err
    assert "taken as it stands; known are " in said.err


def test_what_the_giver_holds_is_listed_and_picked(sit, stock):
    said = sit(
        "transfer",
        "now",
        ME,
        PORT,
        "?",
        "?",
        "2,4-5",
        "13 4",
        "? m777 sn-12",
        "1",
        "?",
        "-1",
        "2 7",
        "SN-12",
        "SN-3",
        NONE,
        NONE,
        "y",
        "q",
    )
    assert said.events[2].fields["lines"] == [
        *items_of("SN-12", "SN-2", type="M777"),
        shells(4),
        *items_of("SN-3"),
    ]
    assert "that is line 2 already" in said.err
    assert "that is line 1 already" in said.err  # though it was typed without its type
    assert f"? lists what {ME} holds" in said.err
    assert ENGLISH["held_more"] in said.err
    assert ENGLISH["held_end"] in said.err


def test_nothing_is_listed_of_one_who_holds_nothing(sit, stock):
    said = sit("expend", "now", PORT, "?", "? x", "3", "uii:1", NONE, NONE, "y", "q")
    assert "the ledger has nothing such with Порт" in said.err
    assert said.events[2].fields["lines"] == [{"item": {"uii": "1"}}]


def test_a_bare_serial_is_the_one_item_that_has_it(sit, stock):
    say(
        stock,
        "register",
        owner="MoD",
        holder=ME,
        monitoring="routine",
        lines=[{"item": {"maker": "9XYZ1", "part": "JAV", "serial": "SN-1"}}],
    )
    said = sit(
        "transfer",
        "now",
        ME,
        PORT,
        "SN-1",
        "SN-2",
        "SN-1",
        "SN-99",
        NONE,
        NONE,
        "y",
        "another",
        "inspect",
        "now",
        "SN-3",
        "B",
        NONE,
        "y",
        "q",
    )
    handed, looked = (one.fields for one in said.events[3:])
    assert "which of 1ABC2/M777/SN-1, 9XYZ1/JAV/SN-1? write it whole" in said.err
    assert [one["item"]["serial"] for one in handed["lines"]] == ["SN-2", "SN-1", "SN-99"]
    assert {one["item"]["part"] for one in handed["lines"]} == {"M777"}
    assert "taken as 1ABC2/M777/SN-2" in said.err
    assert looked["item"] == {"maker": "1ABC2", "part": "M777", "serial": "SN-3"}


def test_a_shipment_that_came_fills_the_answers(sit, sent):
    said = sit(
        "receive",
        "5",
        "1",
        "now",
        "-2",
        "2=8",
        "1=8",
        "9=1",
        NONE,
        NONE,
        "yes",
        "again",
        NONE,
        "now",
        PORT,
        ME,
        "SN-21",
        NONE,
        NONE,
        "yes",
        "q",
    )
    first, second = (one.fields for one in said.events)
    assert (first["from"], first["to"], first["document"], first["dispatch"]) == (
        PORT,
        ME,
        "Н-17",
        sent,
    )
    assert first["lines"] == [*items_of("SN-21", type="M777"), shells(8)]
    assert "  1 Н-17 from Порт, 2026-01-02, lines: 3" in said.err
    assert "note: sent with Н-17 and not received: 1ABC2/M777/SN-22" in said.err
    assert "note: lot:1310/L7: 10 EA sent with Н-17, 8 EA received" in said.err
    assert ENGLISH["wrong.no_lot"].split("{")[0] in said.err
    assert "  1 Н-17 from Порт, 2026-01-02, lines: 2" in said.err
    assert "document" not in second


def test_a_shipment_goes_by_its_document_too(sit, sent):
    said = sit(
        "receive",
        "Н-17",
        "now",
        NONE,
        NONE,
        "yes",
        "another",
        "receive",
        "now",
        PORT,
        ME,
        NONE,
        NONE,
        "3",
        "q",
    )
    assert len(said.events[0].fields["lines"]) == 3
    assert "note:" not in said.err.split("recorded as entry 1")[0]


def test_what_would_be_a_finding_is_said_and_recorded_all_the_same(sit, stock, monkeypatch):
    handed = ["transfer", "now", ME, PORT, "SN-13", NONE, NONE]
    said = sit(*handed, "yes", "q")
    assert (
        "note: you do not hold 1ABC2/M777/SN-13: the ledger has it with 3-тя бригада; "
        "check the serial"
    ) in said.err
    assert len(said.ids) == 1
    monkeypatch.setenv("CHAINLOG_LANG", "uk")
    said = sit(*handed, "1", "1", "зараз", NONE, NONE, "SN-13", NONE, NONE, "1", "q")
    assert "увага: 1ABC2/M777/SN-13 не у вас: за журналом це в Порт; звірте номер" in said.err
    assert len(said.ids) == 2


@pytest.mark.parametrize(
    "error",
    [StoreError("the disk is full"), sqlite3.OperationalError("disk I/O error"), KeyError("bug")],
)
def test_an_index_that_fails_keeps_nobody_from_recording(stock, sit, monkeypatch, error):
    monkeypatch.setattr(index, "catch_up", lambda *_: (_ for _ in ()).throw(error))
    said = sit(*HANDED, "yes", "again", *HANDED[1:], "yes", "q", failing=True)
    assert len(said.ids) == 2
    assert said.err.count("could not be compared with the ledger") == 1


def test_settings_that_cannot_be_read_keep_nobody_from_recording(stock, sit):
    (stock / "audit.toml").write_text("late_days = -1\n")
    said = sit(*HANDED, "yes", "q", failing=True)
    assert len(said.ids) == 1
    assert "late_days" in said.err
    (stock / "audit.toml").write_text("late_days = 5000\n")
    assert "it happened" not in sit(*HANDED, "yes", "q").err


def test_that_it_takes_a_while_is_said_once(stock, sit, monkeypatch):
    monkeypatch.setattr(knowing, "_LONG", 1)
    assert sit(*HANDED, "yes", "again", *HANDED[1:], "yes", "q").err.count(ENGLISH["reading"]) == 1


def test_the_verbs_say_it_too(stock, capsys):
    def run(*args, code=0):
        with pytest.raises(SystemExit) as left:
            main([*args, "--yes"])
        assert left.value.code == code
        return capsys.readouterr()

    handed = ("--from", ME, "--to", PORT)
    said = run("transfer", *handed, "--item", "SN-13")
    assert said.out.startswith("recorded ")
    assert said.err == (
        "chainlog: note: you do not hold 1ABC2/M777/SN-13: the ledger has it with 3-тя бригада;"
        " check the serial, or record first how it came to you\n"
    )
    assert (
        run(
            "transfer",
            *handed,
            "--item",
            "SN-1",
            "--item",
            "1ABC2/M777/SN-2",
            "--lot",
            "1310/L7:10:EA",
        ).err
        == ""
    )
    assert run("inspect", "--item", "SN-1", "--now", "B").err == ""
    assert run("pack", "--container", "K-1", "--item", "SN-3", "--item", "SN-4").err == ""
    unknown = run("transfer", *handed, "--item", "SN-404", code=1).err
    assert "no entry held here names an item 'SN-404'" in unknown
    assert "these look like it: 1ABC2/M777/SN-4" in unknown
    unlike = run("transfer", *handed, "--item", "X9", code=1).err
    assert "an item is MAKER/PART/SERIAL, uii:NUMBER, or a serial alone" in unlike
    told = [one.fields for one in events(stock)]
    assert [one["item"]["serial"] for one in told[3]["lines"] if "item" in one] == ["SN-1", "SN-2"]
    assert (told[4]["item"]["serial"], [one["serial"] for one in told[5]["items"]]) == (
        "SN-1",
        ["SN-3", "SN-4"],
    )


def test_many_events_of_one_go_are_compared_up_to_a_point(stock, monkeypatch, capsys):
    event = json.dumps(
        {"event_time": "2026-01-01T08:00:00Z", "from": ME, "to": PORT, "lines": items_of("SN-13")},
        ensure_ascii=False,
    )
    monkeypatch.setattr(
        sys,
        "stdin",
        SimpleNamespace(buffer=io.BytesIO("\n".join([event] * 30).encode()), isatty=lambda: False),
    )
    with pytest.raises(SystemExit):
        main(["add", "transfer", "-", "--yes"])
    said = capsys.readouterr()
    assert len(said.out.split()) == 30
    assert "only the first 20 of 30 events were compared with the ledger" in said.err


def test_no_more_is_said_than_a_person_reads(stock, capsys):
    many = [["--item", f"1ABC{n:X}/M777/Z"] for n in range(10)] + [
        ["--item", f"IOU{n}/M777/Z"] for n in range(14)
    ]
    with pytest.raises(SystemExit):
        main(
            [
                "transfer",
                "--from",
                ME,
                "--to",
                PORT,
                *(one for some in many for one in some),
                "--yes",
            ]
        )
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 13
    assert said[-1] == "chainlog: note: and 3 more such remarks"


# The end of a sitting


def test_the_end_of_input_between_events_is_a_good_end(sit):
    assert sit().events == []
    said = sit(*HANDED, "yes")
    assert len(said.ids) == 1
    assert ENGLISH["stopped"] not in said.err


@pytest.mark.parametrize("end", [KeyboardInterrupt(), EOFError()])
def test_within_an_event_what_was_acknowledged_is_kept(sit, end):
    said = sit(*HANDED, "yes", "again", "now", "Інший", end, code=130)
    assert len(said.ids) == len(said.events) == 1
    assert ENGLISH["stopped"] in said.err
    assert "kept: 1" in said.err


def test_ctrl_c_between_events_discards_nothing(sit):
    said = sit(KeyboardInterrupt(), code=130)
    assert ENGLISH["stopped"] not in said.err
    assert "kept: 0" in said.err


def test_ctrl_c_while_it_is_written_waits_until_it_is_said(sit, monkeypatch):
    append = Ledger.append

    def interrupted(self, event):
        os.kill(os.getpid(), signal.SIGINT)
        return append(self, event)

    monkeypatch.setattr(Ledger, "append", interrupted)
    said = sit(*HANDED, "yes", code=130)
    assert len(said.ids) == len(said.events) == 1
    assert ENGLISH["stopped"] not in said.err


# Errors while appending


def test_a_locked_chain_is_said_and_the_answers_are_offered_again(sit, depot):
    with Ledger.open(depot, CLERK, marks=depot.parent / "marks") as other:
        other.append_many([])
        said = sit(*HANDED, "yes", other.close, "yes", "q")
    assert len(said.ids) == len(said.events) == 1
    assert "another program is writing this chain" in said.err
    assert "hint: close the other chainlog" in said.err
    assert ENGLISH["not_recorded"] in said.err


def test_what_may_not_be_written_is_said_with_its_hint(sit, monkeypatch):
    append, broken = Ledger.append, [ReadOnlyError("the disk is read-only", hint="take another")]
    monkeypatch.setattr(
        Ledger,
        "append",
        lambda self, event: (
            append(self, event) if not broken else (_ for _ in ()).throw(broken.pop())
        ),
    )
    said = sit(*HANDED, "yes", "change", "from", "Порт 2", NONE, "yes", "q")
    assert "chainlog: error: the disk is read-only\nhint: take another\n" in said.err
    assert [one.fields["from"] for one in said.events] == ["Порт 2"]


def failing_once(monkeypatch, name, *, done):
    """The next call fails as a full disk does, having done its work or not."""
    whole, left = getattr(durable, name), [1]

    def call(*args):
        if left and left.pop():
            if done:
                whole(*args)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(*args)

    monkeypatch.setattr(durable, name, call)


def test_a_write_that_was_lost_can_be_tried_again(sit, monkeypatch):
    said = sit(
        *HANDED, lambda: failing_once(monkeypatch, "write_all", done=False), "yes", "yes", "q"
    )
    assert len(said.ids) == len(said.events) == 1
    assert "the write failed: No space left on device" in said.err
    assert "hint: make room on the disk" in said.err
    assert ENGLISH["not_recorded"] in said.err


def test_a_write_that_was_done_and_reported_as_failed_is_not_done_twice(sit, monkeypatch):
    said = sit(*HANDED, lambda: failing_once(monkeypatch, "sync_data", done=True), "yes", "q")
    assert [one.id.hex()[:12] for one in said.events] == said.ids
    assert len(said.ids) == 1
    assert "chainlog: error" not in said.err


@pytest.mark.parametrize("changed", [False, True])
def test_an_unknown_outcome_is_settled_before_anything_else_is_written(sit, monkeypatch, changed):
    begin, broken = enter.Ledger.open, []

    def opened(*args, **named):
        if broken:
            raise broken.pop()
        return begin(*args, **named)

    def fail():
        failing_once(monkeypatch, "sync_data", done=True)
        monkeypatch.setattr(enter.Ledger, "open", opened)
        broken.append(ReadOnlyError("the stick was pulled out"))

    more = ["change", "from", "Порт 2", NONE, "yes", "yes"] if changed else ["yes"]
    said = sit(*HANDED, fail, "yes", *more, "q")
    assert ENGLISH["unknown"] in said.err
    assert "the event before was recorded after all, as entry 1" in said.err
    assert [one.id.hex()[:12] for one in said.events] == said.ids
    assert [one.fields["from"] for one in said.events] == ["Порт", "Порт 2"][: 1 + changed]


def test_an_outcome_that_stays_unknown_is_not_called_discarded(sit, monkeypatch):
    monkeypatch.setattr(enter.Sitting, "settle", never_settled(enter.Sitting.settle))
    said = sit(
        *HANDED,
        lambda: failing_once(monkeypatch, "sync_data", done=True),
        "yes",
        KeyboardInterrupt(),
        code=130,
    )
    assert said.ids == []
    assert said.err.count(ENGLISH["unknown"]) == 2
    assert ENGLISH["stopped"] not in said.err


def never_settled(settle):
    """Settling works only while there is nothing to settle."""

    def call(self):
        if self.unsettled is None:
            return settle(self)
        raise ReadOnlyError("the stick was pulled out")

    return call


def test_a_key_that_may_not_sign_is_told_before_anything_is_asked(sit, depot):
    (depot.parent / "key.pem").unlink()
    write_key(depot.parent / "key.pem", Ed25519Signer.from_seed(b"\x08" * 32), None)
    assert "was never granted here" in sit(code=1).err


# Times


@pytest.fixture
def kyiv(monkeypatch):
    """Two hours ahead of Greenwich, all year."""
    monkeypatch.setenv("TZ", "TST-2")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("typed", "form", "read"),
    [
        ("10:30", "time", "2023-03-05T10:30:00+02:00"),
        ("9:05", "time", "2023-03-05T09:05:00+02:00"),
        ("2023-03-01", "time", "2023-03-01T00:00:00+02:00"),
        ("2023-03-01 10:30", "time", "2023-03-01T10:30:00+02:00"),
        ("2023-03-01T10:30", "time", "2023-03-01T10:30:00+02:00"),
        ("1.3.2023 10:30", "time", "2023-03-01T10:30:00+02:00"),
        ("2023-03-01T10:30:15Z", "time", "2023-03-01T10:30:15Z"),
        ("2023-03-01T10:30:15+01:00", "moment", "2023-03-01T10:30:15+01:00"),
        ("2023-03-01", "moment", "2023-03-01"),
        ("2023-03-01 10:30", "moment", "2023-03-01T10:30:00+02:00"),
        ("2023-03-01", "date", "2023-03-01"),
    ],
)
def test_times_are_entered_loosely(kyiv, typed, form, read):
    now = datetime(2023, 3, 4, 23, 30, tzinfo=UTC).astimezone()
    assert answers_module.read_time(typed, now, form) == read


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("soon", "time"),
        ("24:00", "time"),
        ("2023-13-01", "time"),
        ("0000-01-01", "time"),
        ("10:30", "date"),
        ("2023-03-01 10:30", "date"),
        ("٣:٣٠", "time"),
        ("2023-03-0110:30", "time"),
        ("1 10:30", "time"),
    ],
)
def test_what_is_no_time_is_refused(kyiv, typed, form):
    with pytest.raises(Wrong):
        answers_module.read_time(typed, datetime(2023, 3, 5, tzinfo=UTC).astimezone(), form)


def test_what_is_still_to_come_is_remarked_on(sit):
    assert (
        ENGLISH["future"]
        in sit("transfer", "2999-01-01", "А", "Б", "uii:1", NONE, NONE, "1", "q").err
    )


# The catalogue


def test_the_catalogue_is_whole():
    def holes(text):
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)

    assert list(ENGLISH) == list(UKRAINIAN)
    for key, text in ENGLISH.items():
        assert text.strip(), key
        assert UKRAINIAN[key].strip(), key
        assert holes(text) == holes(UKRAINIAN[key]), key
        assert re.search("[а-яіїєґ]", text) is None, key
        if re.search("[a-z]", re.sub(r"\{[a-z_]+\}", "", text)):
            assert re.search("[а-яіїєґ]", UKRAINIAN[key].lower()) is not None, key


def test_all_that_can_be_asked_has_its_words():
    wanted = {f"{part}.{shape.kind}" for shape in CUSTODY for part in ("kind", "about")}
    asked = [question for shape in CUSTODY for question in questions_of(shape.kind)]
    wanted |= {f"field.{one.name}" for one in asked} | {
        f"value.{value}" for one in asked if one.form == "choice" for value in one.values
    }
    assert wanted <= set(ENGLISH)
    unused = {
        key for key in ENGLISH if key.startswith(("kind.", "about.", "field.", "value."))
    } - wanted
    # The other two are reasons of a revocation, which `enter` does not record.
    assert unused == {"value.yes", "value.no", "value.compromised", "value.retired"}
    code = "".join(
        Path(module.__file__).read_text(encoding="utf-8")
        for module in (enter, asking, lines, knowing, answers_module, messages)
    )
    foreseen = {key for key in ENGLISH if key.startswith("foreseen.")}  # test_foresight.py
    for key in set(ENGLISH) - wanted - unused - foreseen:
        name = key.removeprefix("wrong.").removeprefix("choice.")
        assert len(re.findall(rf"""["'](?:wrong\.|choice\.)?{name}["']""", code)) >= 1, key


def test_no_two_answers_go_by_one_name():
    for words in CATALOGUE.values():
        kinds = [words[f"kind.{kind}"] for kind in answers_module.KIND_ORDER]
        assert len(set(kinds)) == len(kinds)


def test_the_language():
    assert language({}) == "en"
    assert language({"CHAINLOG_LANG": "uk", "LC_ALL": "C"}) == "uk"
    assert language({"CHAINLOG_LANG": "en", "LANG": "uk_UA.UTF-8"}) == "en"
    assert language({"LANG": "uk_UA.UTF-8"}) == "uk"
    assert language({"LC_ALL": "C", "LANG": "uk_UA.UTF-8"}) == "en"
    assert language({"LC_ALL": "", "LC_MESSAGES": "uk_UA", "LANG": "en_GB"}) == "uk"


def test_a_choice_goes_by_number_name_or_beginning():
    options = [(1, ("pack",)), (2, ("packed", "упаковано"))]
    assert [pick(text, options) for text in ("1", "2", "PACK", "packe", "уп")] == [1, 2, 1, 2, 2]
    for text in ("", "0", "3", "9" * 5000, "pa", "z"):
        with pytest.raises(Wrong):
            pick(text, options)


def test_ukrainian_from_end_to_end(sit, monkeypatch):
    monkeypatch.setenv("CHAINLOG_LANG", "uk")
    said = sit(
        "втрата",
        "зараз",
        "Бригада «Північ»",
        "викр",
        "перв",
        "партія 1310/L7 5 шт",
        NONE,
        NONE,
        "так",
        "вих",
    )
    (event,) = said.events
    assert (event.kind, event.fields["cause"], event.fields["report"]) == (
        "loss",
        "stolen",
        "initial",
    )
    assert event.fields["lines"] == [
        {"lot": {"nsn": "1310", "number": "L7"}, "quantity": "5", "unit": "шт"}
    ]
    assert "втрата — загублено" in said.err
    assert "  причина: викрадено\n" in said.err
    assert "  утримувач: Бригада «Північ»\n" in said.err
    assert said.err.count("записано, запис 1") == 1


# A terminal


def test_a_person_at_a_terminal(depot):
    (depot.parent / "key.pem").unlink()
    write_key(depot.parent / "key.pem", CLERK, "пароль".encode())
    env = {
        **os.environ,
        "CHAINLOG_LANG": "uk",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TERM": "dumb",
    }
    code = "from chainlog.cli.main import main; main()"
    # Where the tests run in the background, interrupts are ignored, and who is started would
    # inherit that.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    place = {
        "cwd": depot,
        "env": env,
        "encoding": "utf-8",
        "timeout": 30,
        "dimensions": (50, 200),
        "preexec_fn": heard,
    }
    child = pexpect.spawn(sys.executable, ["-c", code, "enter"], **place)
    child.delaybeforesend = 0.1
    try:
        child.expect("пароль до key.pem")
        child.sendline("не той")
        child.expect("підказка: спробуйте ще раз")
        child.expect("пароль до key.pem")
        child.sendline("пароль")
        child.expect("ви підписуєте як Олена Ковальчук")
        for question, answer in (
            ("номер або назва", "передача"),
            ("коли \\[зараз\\]", ""),
            ("від кого", "Порт"),
            ("кому", "Склад 7"),
            ("рядок 1", "1ABC2/M777/0042"),
            ("рядок 2 ", ""),
            ("ще щось", ""),
            ("записати це", "так"),
            ("що далі", ""),
            ("коли \\[зараз\\]", ""),
            ("від кого \\[Порт\\]", ""),
            ("кому \\[Склад 7\\]", ""),
            ("рядок 1 ", "0043"),
            ("рядок 2 ", ""),
            ("ще щось", ""),
            ("записати це", "1"),
            ("записано, запис 2", None),
            ("що далі", "1"),
            ("від|коли", "10:30"),
        ):
            child.expect(question)
            if answer is not None:
                child.sendline(answer)
        child.expect("від кого")
        child.sendintr()
        child.expect("зупинено: подію, яку вводили, відкинуто")
        child.expect("записано цього разу і збережено: 2")
        child.expect(pexpect.EOF)
        assert "пароль до" not in child.before
    finally:
        child.close()
    assert child.exitstatus == 130
    assert [one.fields["lines"][0]["item"]["serial"] for one in events(depot)] == ["0042", "0043"]
