"""A whole event through the door."""

from __future__ import annotations

import pytest
from hypothesis import given
from support.chains import opening
from support.events import EVENTS

from chainlog.errors import EventError
from chainlog.events.door.passage import read_event
from chainlog.events.event import Event
from chainlog.events.plain_json import from_plain

WHEN = "2023-03-01T08:00:00Z"
LOT = {"nsn": "1310-01-234-5678", "number": "ЛОТ-7 "}


def moved(*lines, **fields):
    given = {"event_time": WHEN, "from": "Port", "to": "Depot", "lines": list(lines), **fields}
    return from_plain("transfer", given)


def item(serial, **rest):
    return {"item": {"maker": "?", "part": "M777", "serial": serial}, **rest}


def test_names_and_units_are_made_canonical_at_any_depth_and_said_once():
    lot = {"lot": LOT, "quantity": "5", "unit": "ea"}
    other = {**lot, "lot": {**LOT, "number": "8"}}
    reading = read_event(moved(item(" SN-1\n"), lot, other, document="\u00a0WB-17", x_a="?"))
    fields = reading.event.fields
    assert fields["document"] == "WB-17"
    assert fields["x_a"] == "?"
    assert fields["lines"][0]["item"] == {"maker": "", "part": "M777", "serial": "SN-1"}
    assert fields["lines"][1]["lot"] == {"nsn": "1310012345678", "number": "ЛОТ-7"}
    assert fields["lines"][2]["unit"] == "EA"
    assert list(reading.remarks) == [
        "'?' is taken as ''",
        "'1310-01-234-5678' is taken as '1310012345678'",
        "'ea' is taken as 'EA'",
    ]


def test_what_is_refused_names_its_field():
    with pytest.raises(EventError) as caught:
        read_event(moved(item("SN-1"), item("б/н")))
    assert caught.value.field == "lines[1].item.serial"
    assert "leave the item out" in (caught.value.hint or "")


def test_a_replacement_goes_through_the_door_but_for_fields_of_ones_own():
    inner = {**moved(item("SN-1 ")).fields, "kind": "transfer", "x_a": " ?"}
    fields = {"event_time": WHEN, "entry": "ab" * 32, "reason": "wrong_data", "replacement": inner}
    read = read_event(from_plain("correct", fields)).event.fields["replacement"]
    assert read["lines"][0]["item"]["serial"] == "SN-1"
    assert read["x_a"] == " ?"


def test_what_governs_a_chain_stays():
    event = Event.parse("chain.open", opening(site="?"))
    assert read_event(event).event is event


@given(EVENTS)
def test_what_came_through_comes_through_unchanged(event):
    try:
        first = read_event(event)
    except EventError:
        return
    again = read_event(first.event)
    assert again.event == first.event
    assert again.remarks == ()
