"""FUND-*: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle

from chainlog.audit.settings import Settings


@pytest.fixture
def told():
    return Chronicle()


def fund(told, step, amount, on=None, at="2023-02-01", currency="USD", **more):
    said = {
        "step": step,
        "amount": amount,
        "currency": currency,
        "from": "donor",
        "to": "hq",
        **({} if on is None else {"draws_on": on.id.hex()}),
    }
    return told.say("hq", "fund", at, **{**said, **more})


# FUND-OVER


@pytest.mark.parametrize(("second", "found"), [("40", 0), ("40.01", 1)])
def test_over_is_more_than_there_was(told, second, found):
    whole = fund(told, "commitment", "100", place="HQ")
    fund(told, "disbursement", "60", whole)
    fund(told, "return", second, whole)
    some = told.only("FUND-OVER", "2023-03-01")
    assert [
        (one.severity, one.party, one.place, one.entries, one.value, one.items, one.count)
        for one in some
    ] == [("high", "hq", "HQ", (whole.id,), {"USD": "100"}, (), 1)] * found
    assert all(
        "100.01 USD was drawn on a commitment of 100: 0.01 too much" in one.sentence for one in some
    )


def test_over_is_not_by_another_currency_nor_by_a_negative_sum(told):
    whole = fund(told, "commitment", "100")
    fund(told, "disbursement", "200", whole, currency="EUR")
    fund(told, "disbursement", "100", whole)
    assert not told.only("FUND-OVER", "2023-03-01")
    fund(told, "disbursement", "-50", whole)
    fund(told, "disbursement", "1", whole)
    assert told.only("FUND-OVER", "2023-03-01")


def test_over_goes_with_a_correction(told):
    whole = fund(told, "commitment", "100")
    told.undo(fund(told, "disbursement", "101", whole))
    assert told.only("FUND-OVER", "2023-05-01")
    assert not told.only("FUND-OVER", "2023-07-01")


# FUND-IDLE


@pytest.mark.parametrize(
    ("at", "found"), [("2023-07-31T08:00:00Z", 0), ("2023-07-31T08:00:00.001Z", 1)]
)
def test_idle_begins_when_half_a_year_is_over(told, at, found):
    whole = fund(told, "commitment", "100", place="HQ")
    some = told.only("FUND-IDLE", at)
    assert [(one.severity, one.party, one.place, one.entries, one.value) for one in some] == [
        ("medium", "hq", "HQ", (whole.id,), {"USD": "100"})
    ] * found
    assert told.only("FUND-IDLE", at, settings=Settings(idle_days=179))
    assert not told.only("FUND-IDLE", at, settings=Settings(idle_days=181))


@pytest.mark.parametrize(
    ("step", "found"), [("disbursement", 0), ("expenditure", 1), ("return", 1)]
)
def test_idle_is_cured_by_any_disbursement(told, step, found):
    whole = fund(told, "commitment", "100")
    drawn = fund(told, step, "1", whole)
    fund(told, "disbursement", "1", drawn)
    assert len(told.only("FUND-IDLE", "2023-11-01")) == found


def test_idle_comes_back_and_goes_with_corrections(told):
    whole = fund(told, "commitment", "100")
    told.undo(fund(told, "disbursement", "1", whole))
    assert not told.only("FUND-IDLE", "2023-05-01")
    assert told.only("FUND-IDLE", "2023-11-01")
    told.undo(whole)
    assert not told.only("FUND-IDLE", "2023-11-01")


# FUND-ORPHAN


@pytest.mark.parametrize("step", ["disbursement", "expenditure", "return", "commitment"])
def test_orphan_draws_on_nothing(told, step):
    lone = fund(told, step, "5", place="HQ")
    some = told.only("FUND-ORPHAN", "2023-03-01")
    assert [(one.severity, one.party, one.place, one.entries, one.value) for one in some] == [
        ("medium", "hq", "HQ", (lone.id,), {"USD": "5"})
    ] * (step != "commitment")
    assert all("draws on nothing: ask where it comes from" in one.sentence for one in some)


@pytest.mark.parametrize("on", ["not held", "no money", "taken back", "other currency"])
def test_orphan_draws_on_what_is_no_such_money(told, on):
    whole = fund(told, "commitment", "100", currency="EUR" if on == "other currency" else "USD")
    other = told.count() if on == "no money" else whole
    fund(told, "disbursement", "5", other, **({"draws_on": "ab" * 32} if on == "not held" else {}))
    if on == "taken back":
        assert not told.only("FUND-ORPHAN", "2023-03-01")
        told.undo(whole)
    assert len(told.only("FUND-ORPHAN", "2023-07-01")) == 1


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_orphan_is_no_sum_at_all(told, amount):
    fund(told, "commitment", amount)
    assert "is no amount above zero" in told.only("FUND-ORPHAN", "2023-03-01")[0].sentence


def test_orphan_in_a_circle_that_a_correction_closes(told):
    whole = fund(told, "commitment", "100")
    one = fund(told, "disbursement", "5", whole)
    other = fund(told, "expenditure", "5", one)
    closing = {
        "event_time": "2023-02-01T08:00:00Z",
        "step": "disbursement",
        "amount": "5",
        "currency": "USD",
        "from": "donor",
        "to": "hq",
    }
    told.undo(one, replacement=closing | {"draws_on": other.id.hex()})
    assert not told.only("FUND-ORPHAN", "2023-05-01")
    assert {
        entry for found in told.only("FUND-ORPHAN", "2023-07-01") for entry in found.entries
    } & {one.id, other.id}


def test_orphan_goes_with_a_correction(told):
    told.undo(fund(told, "expenditure", "5"))
    assert told.only("FUND-ORPHAN", "2023-05-01")
    assert not told.only("FUND-ORPHAN", "2023-07-01")
