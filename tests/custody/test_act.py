"""What an act says: by whom, when, of which things; exact sums.

And who may put a correction in its place.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, Inexact, localcontext
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.acts import HOUR, Acting, digest, instant, item, key, lot, money, signer

from chainlog.custody.act import (
    end_of,
    format_decimal,
    is_counted,
    may_correct,
    milliseconds,
    plus,
    read_event,
    replacement_of,
    things_in,
    things_replaced,
    total,
    without_things,
)
from chainlog.events.door.numbers import is_decimal
from chainlog.events.roster import WITHHELD

NOW = "2023-03-01T00:00:00Z"
LOST = {"lines": [item("SN-1")], "holder": "depot", "cause": "lost", "report": "initial"}


def said(kind="loss", at=0, *, chain="depot", **more):
    return Acting().say(chain, kind, at, **{**(LOST if kind == "loss" else {}), **more})


def test_a_recorder_acts_for_the_body_that_it_names_and_nobody_else_does():
    assert said().party == "depot"
    assert said(on_behalf_of="brigade").party == "depot"
    assert said(on_behalf_of="бригада", roles=("recorder",)).party == "бригада"
    assert said(roles=("recorder",)).party == "depot"


def test_nothing_happens_after_it_was_recorded():
    assert said(at=5, recorded=3).when == milliseconds(instant(3))
    assert said(at=3, recorded=5).when == milliseconds(instant(3))
    act = said(at=3, recorded=5)
    assert act.key == (act.when, digest("depot"), 0)


def test_an_act_rests_on_its_entry_and_on_the_correction_that_counts():
    act, correction = said(), said(at=1, index=1)
    assert act.ids == (act.id,)
    assert msgspec.structs.replace(act, correction=correction).ids == (act.id, correction.id)


@pytest.mark.parametrize(
    ("kind", "more", "physical"),
    [
        ("inspect", {"entry_mode": "scan"}, True),
        ("inspect", {"entry_mode": "manual"}, False),
        ("inspect", {}, False),
        (
            "inspect",
            {"attachments": [{"sha256": digest("photo"), "size": 1, "type": "image/jpeg"}]},
            True,
        ),
        ("inspect", {"attachments": []}, False),
        ("loss", {"entry_mode": "scan"}, False),
    ],
)
def test_only_who_looks_with_a_scanner_or_a_camera_has_seen(kind, more, physical):
    fields = {"item": item("SN-1")["item"], "now": "A"} if kind == "inspect" else {}
    assert said(kind, **fields, **more).physical is physical


def test_a_field_that_is_no_text_is_none_at_all():
    act = said(initial=digest("x"))
    assert (act.text("holder"), act.text("initial"), act.text("place")) == ("depot", "", "")


@pytest.mark.parametrize(
    ("moment", "ms"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1969-12-31T23:59:59.9Z", -100),
        ("2023-03-01T08:00:00.5Z", 1_677_657_600_500),
        ("0001-01-01", -62_135_596_800_000),
        ("0001-01-01T00:00:00+23:59", -62_135_596_800_000 - 86_340_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ("9999-12-31T23:59:59-23:59", 253_402_300_799_000 + 86_340_000),
    ],
)
def test_instants_of_all_years_are_milliseconds(moment, ms):
    assert milliseconds(moment) == ms


def test_what_is_given_until_a_day_is_in_force_all_that_day():
    assert end_of("2023-03-01") == milliseconds("2023-03-02") - 1
    assert end_of("2023-03-01T08:00:00Z") == milliseconds("2023-03-01T08:00:00Z")
    assert end_of("9999-12-31") == milliseconds("9999-12-31T23:59:59.999Z")


# Every decimal that an event may hold: thirty digits, wherever the point stands.
DECIMALS = st.builds(
    lambda digits, places, sign: Decimal(f"{sign}{digits}E-{places}"),
    st.integers(0, 10**30 - 1),
    st.integers(0, 29),
    st.sampled_from("+-"),
)
MOST, LEAST = Decimal(10**30 - 1), Decimal("1E-29")


@given(st.lists(DECIMALS, max_size=50))
def test_sums_of_thirty_digits_are_exact_whatever_the_context(numbers):
    with localcontext() as poor:
        poor.prec, poor.rounding, poor.traps[Inexact] = 3, ROUND_DOWN, True
        sums = total(numbers), plus(numbers[0], numbers[-1]) if numbers else Decimal(0)
    assert Fraction(sums[0]) == sum(map(Fraction, numbers))
    assert Fraction(sums[1]) == (Fraction(numbers[0]) + Fraction(numbers[-1]) if numbers else 0)


def test_the_largest_and_the_least_a_thousand_times_lose_nothing():
    assert format_decimal(total([MOST, LEAST] * 1000)) == "9" * 30 + "000." + "0" * 25 + "1"


@given(DECIMALS)
def test_decimals_are_written_as_the_format_has_them(number):
    text = format_decimal(number)
    assert is_decimal(text)
    assert Decimal(text) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("-0", "0"),
        ("-0.00", "0"),
        ("1E+5", "100000"),
        ("10.500", "10.5"),
        ("100", "100"),
        ("-3.10", "-3.1"),
        ("1E-29", "0." + "0" * 28 + "1"),
    ],
)
def test_some_decimals(number, text):
    assert format_decimal(Decimal(number)) == text


def test_an_event_is_read_where_it_fits():
    fields = {"event_time": NOW, **LOST}
    assert read_event("loss", fields, ()).fields == fields
    assert read_event("chain.close", {"reason": "over"}, ()) is None
    assert read_event("teleport", fields, ()) is None
    assert read_event("loss", {"event_time": NOW}, ()) is None


def test_of_a_body_in_part_what_is_shown_is_read():
    lines = [None, item("SN-2")]
    event = read_event("loss", {"event_time": NOW, **LOST, "lines": lines}, ("lines/0",))
    assert [name for name, *_ in things_in(event.fields)] == [key("SN-2")]
    assert (
        read_event("loss", {"event_time": NOW, **LOST, "lines": lines}, ()) is None
    )  # a hole that nobody made
    shown = {name: LOST[name] for name in ("cause", "report")}
    assert read_event("loss", shown, ("event_time", "lines/0", "holder")).fields == shown
    assert read_event("loss", {**shown, "lines": [None]}, ("event_time", "lines/0")) is None
    assert read_event("loss", {**shown, "cause": "x"}, ("event_time", "lines", "holder")) is None


def test_who_is_withheld_is_a_party_of_their_own():
    act = msgspec.structs.replace(
        said(chain="depot"), withheld=("holder", "on_behalf_of"), fields={"report": "final"}
    )
    assert (act.giver, act.taker, act.holder, act.party) == (WITHHELD, "", "", "depot")
    recorder = msgspec.structs.replace(act.signer, roles=("recorder",))
    assert msgspec.structs.replace(act, signer=recorder).party == WITHHELD


def test_the_correction_that_counts_is_the_one_that_its_target_names():
    first, second, target = said(), said(), said()
    assert not is_counted(first, None)
    assert not is_counted(first, target)
    assert is_counted(first, msgspec.structs.replace(target, correction=first))
    other = msgspec.structs.replace(second, id=b"other")
    assert not is_counted(other, msgspec.structs.replace(target, correction=first))
    assert is_counted(
        msgspec.structs.replace(other, correction=first),
        msgspec.structs.replace(target, correction=first),
    )


def test_the_things_that_an_event_names():
    lines = [
        item("7/8", type="M777"),
        lot("L", "5", value={"amount": "1", "currency": "USD", "basis": "unit"}),
        money("10.5", "EUR"),
    ]
    assert list(things_in({"lines": lines})) == [
        ("1ABC2/M777/7%2F8", "lines", {"type": "M777"}),
        (
            "lot:1320900007012/L",
            "lines",
            {
                "quantity": "5",
                "unit": "RD",
                "value": {"amount": "1", "currency": "USD", "basis": "unit"},
            },
        ),
        ("money:EUR", "lines", {"quantity": "10.5", "unit": "EUR"}),
    ]
    assert lines[2] == {"amount": "10.5", "currency": "EUR"}  # as it was
    assert list(things_in({"item": {"uii": "U"}})) == [("uii:U", "item", {})]
    boxed = {"container": "K:7", "items": [{"uii": "U"}, {"uii": "V"}]}
    assert list(things_in(boxed)) == [
        ("container:K:7", "container", {}),
        ("uii:U", "items", {"container": "container:K:7"}),
        ("uii:V", "items", {"container": "container:K:7"}),
    ]
    assert next(things_in({**boxed, "container": {"uii": "BOX"}})) == ("uii:BOX", "container", {})
    assert list(things_in({"holder": "depot"})) == []


def test_what_lists_things_is_left_out_and_a_replacement_is_not():
    assert without_things(
        {"lines": [], "items": [], "container": "K", "item": {}, "replacement": {"lines": [1]}}
    ) == {
        "replacement": {"lines": [1]},
    }


def test_a_replacement_names_things_whatever_kind_it_turns_out_to_be():
    loss = {"event_time": NOW, **LOST}
    assert list(things_replaced({"entry": b""})) == []
    assert [name for name, *_ in things_replaced({"replacement": {"kind": "loss", **loss}})] == [
        key("SN-1")
    ]
    assert [name for name, *_ in things_replaced({"replacement": loss})] == [key("SN-1")]
    assert list(things_replaced({"replacement": {"lines": [item("SN-1")]}})) == []
    assert list(things_replaced({"replacement": {"kind": 7, "x": 1}})) == []
    inner = {
        "kind": "correct",
        "event_time": NOW,
        "entry": digest("e"),
        "reason": "wrong_data",
        "replacement": {"kind": "loss", **loss},
    }
    assert [name for name, *_ in things_replaced({"replacement": inner})] == [key("SN-1")]


def test_what_a_correction_puts_in_the_place_of_an_entry():
    loss = {"event_time": NOW, **LOST}
    assert replacement_of("loss", {}) is None
    assert replacement_of("loss", {"replacement": loss}).kind == "loss"
    assert replacement_of("dispatch", {"replacement": loss}) is None
    assert replacement_of("dispatch", {"replacement": {"kind": "loss", **loss}}).fields == loss
    assert replacement_of("dispatch", {"replacement": {"kind": 7, **loss}}) is None
    assert replacement_of("loss", {"replacement": {"kind": "chain.close", "reason": "no"}}) is None


@pytest.mark.parametrize(
    ("chain", "party", "roles", "may"),
    [
        ("depot", "depot", ("inspector",), True),  # the same party
        (
            "port",
            "depot",
            ("inspector", "owner"),
            False,
        ),  # another chain says of itself that it signs for that party
        ("depot", "somebody", ("owner",), True),  # an owner of the chain
        ("hq", "hq", ("owner",), True),  # an owner of the authority's
        ("hq", "hq", ("custodian", "inspector"), False),
        ("depot", "somebody", ("custodian",), False),
        ("port", "port", ("owner", "custodian"), False),
    ],
)
def test_who_may_correct(chain, party, roles, may):
    target = said()
    correction = msgspec.structs.replace(
        said(at=1), chain=digest(chain), signer=signer(chain, party, roles)
    )
    assert may_correct(correction, target) is may


def test_an_owner_of_another_programme_has_no_authority():
    target = msgspec.structs.replace(said(), signer=signer("depot", programme="other"))
    assert not may_correct(
        msgspec.structs.replace(said(), chain=digest("hq"), signer=signer("hq")), target
    )
    assert milliseconds(instant(1)) - milliseconds(instant(0)) == HOUR
