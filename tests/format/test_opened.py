"""An entry with its body opened: as far as it is held, and as far as it is right."""

from __future__ import annotations

import pytest
from support.chains import Draft, opening, transfer

from chainlog.errors import EntryError
from chainlog.format.body import withhold
from chainlog.format.opened import read_logged
from chainlog.format.record import format_record, parse_record

CHAIN = Draft(opening())
ENTRY = CHAIN.add("transfer", transfer(1, note="by night"))
BODY = CHAIN.bodies[1]


def logged(body):
    return read_logged(parse_record(format_record(ENTRY.raw, body)))


def test_a_body_that_is_held_says_what_the_event_says():
    held = logged(BODY)
    assert (held.entry, held.problem) == (ENTRY, None)
    assert held.fields["note"] == "by night"
    part = logged(withhold(BODY, ENTRY.header.body, ["note"]))
    assert part.body.withheld == ("note",)
    assert part.fields == {name: one for name, one in held.fields.items() if name != "note"}


def test_an_absent_body_says_nothing():
    held = logged(b"")
    assert (held.entry, held.body, held.problem, held.fields) == (ENTRY, None, None, None)


def test_what_is_wrong_with_a_body_is_said():
    held = logged(CHAIN.bodies[0])
    assert (held.body, held.fields) == (None, None)
    assert held.problem


def test_what_is_no_entry():
    with pytest.raises(EntryError):
        read_logged(parse_record(format_record(ENTRY.raw[:-1], BODY)))
