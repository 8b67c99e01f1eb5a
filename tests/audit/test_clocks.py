"""TIME-*: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle, chain_of, item, source_of

from chainlog.audit.phrases import day, span
from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.custody.act import milliseconds


@pytest.fixture
def told():
    return Chronicle()


def right(at):
    return {"event_time": at, "lines": [item("SN-1")], "from": "depot", "to": "brigade"}


# TIME-BACK


@pytest.mark.parametrize(
    ("clock", "found"), [("2023-02-02T08:01:00Z", 0), ("2023-02-02T08:00:59.999Z", 1)]
)
def test_back_is_before_the_entry_before(told, clock, found):
    told.hand(item("SN-1"), at="2023-02-02T08:00:00Z")
    later = told.hand(item("SN-2"), at="2023-02-01", recorded=clock)
    some = told.only("TIME-BACK", "2023-03-01")
    assert [
        (one.severity, one.party, one.entries, one.chain, one.index, one.count) for one in some
    ] == [("low", "depot", (later.id,), later.chain, 2, 1)] * found
    told.undo(later)
    assert len(told.only("TIME-BACK", "2023-07-01")) == found


def test_back_of_a_governing_entry_too_and_in_each_chain_by_itself(told):
    told.hand(item("SN-1"), at="2023-02-02")
    told.hand(item("SN-1"), by="brigade", at="2023-01-20")
    closed = told.govern("depot", "chain.close", "2023-02-01T00:00:00Z", reason="moved")
    (found,) = told.only("TIME-BACK", "2023-03-01")
    assert (found.entries, "32 hours before" in found.sentence) == ((closed.id,), True)


# TIME-FUTURE


@pytest.mark.parametrize(
    ("recorded", "found"), [("2023-02-01T07:00:00Z", 0), ("2023-02-01T06:59:59.999Z", 1)]
)
def test_future_happened_after_it_was_recorded(told, recorded, found):
    handed = told.hand(item("SN-1"), at="2023-02-01T08:00:00Z", recorded=recorded, place="Gate 2")
    some = told.only("TIME-FUTURE", "2023-03-01")
    assert [(one.severity, one.party, one.place, one.entries, one.index) for one in some] == [
        ("medium", "depot", "Gate 2", (handed.id,), 1)
    ] * found
    assert told.only("TIME-FUTURE", "2023-03-01", settings=Settings(clock_minutes=59))
    assert not told.only("TIME-FUTURE", "2023-03-01", settings=Settings(clock_minutes=61))


@pytest.mark.parametrize("how", ["did not happen", "wrong data"])
def test_future_goes_with_a_correction(told, how):
    handed = told.hand(item("SN-1"), at="2023-03-01", recorded="2023-02-01")
    told.undo(
        handed,
        **({} if how == "did not happen" else {"replacement": right("2023-02-01T00:00:00Z")}),
    )
    assert told.only("TIME-FUTURE", "2023-05-01")
    assert not told.only("TIME-FUTURE", "2023-07-01")


@pytest.mark.parametrize(
    ("now", "found"), [("2023-02-01T07:01:00Z", 0), ("2023-02-01T07:00:59.999Z", 1)]
)
def test_future_recorded_after_the_clock_of_this_audit(told, now, found):
    handed = told.hand(item("SN-1"), at="2023-02-01T08:00:00Z")
    some = told.only("TIME-FUTURE", now=now)
    assert [(one.entries, one.index) for one in some] == [((handed.id,), 1)] * found
    assert all("later than this audit" in one.sentence for one in some)
    told.undo(handed, at="2023-02-01T08:05:00Z")
    assert {one.index for one in told.only("TIME-FUTURE", now="2023-02-01T06:00:00Z")} == {1, 2}


def test_future_of_a_governing_entry_that_is_last(told):
    last = told.govern("depot", "chain.close", "9999-01-01T00:00:00Z", reason="moved")
    (found,) = told.only("TIME-FUTURE", now="2023-12-01")
    assert (found.entries, found.index, found.party) == ((last.id,), 1, "depot")


@pytest.mark.parametrize(
    ("clock", "found"), [("2023-02-01T07:01:00Z", 0), ("2023-02-01T07:00:59.999Z", 1)]
)
def test_future_recorded_after_an_entry_that_cites_it(told, clock, found):
    handed = told.hand(item("SN-1"), at="2023-02-01T08:00:00Z")
    told.say(
        "brigade",
        "accept",
        "2023-02-01T07:00:00Z",
        recorded=clock,
        entry=handed.id.hex(),
        agreed=True,
    )
    some = told.only("TIME-FUTURE", "2023-03-01")
    assert [(one.entries, one.chain, one.party) for one in some] == [
        ((handed.id,), handed.chain, "depot")
    ] * found
    assert all("cited by custodian of brigade 60 minutes before" in one.sentence for one in some)


def test_future_is_one_finding_for_an_entry(told):
    handed = told.hand(item("SN-1"), at="2023-02-01T12:00:00Z", recorded="2023-02-01T08:00:00Z")
    told.say("brigade", "accept", "2023-02-01T05:00:00Z", entry=handed.id.hex(), agreed=True)
    (found,) = told.only("TIME-FUTURE", now="2023-02-01T06:00:00Z")
    assert found.entries == (handed.id,)


# TIME-LATE


@pytest.mark.parametrize(
    ("recorded", "found"), [("2023-02-15T08:00:00Z", 0), ("2023-02-15T08:00:00.001Z", 1)]
)
def test_late_is_more_than_fourteen_days(told, recorded, found):
    handed = told.hand(item("SN-1"), recorded=recorded, place="Gate 2")
    some = told.only("TIME-LATE", "2023-03-01")
    assert [(one.severity, one.party, one.place, one.entries) for one in some] == [
        ("low", "depot", "Gate 2", (handed.id,))
    ] * found
    assert told.only("TIME-LATE", "2023-03-01", settings=Settings(late_days=13))
    assert not told.only("TIME-LATE", "2023-03-01", settings=Settings(late_days=15))


def test_late_goes_when_it_did_not_happen_or_happened_later(told):
    told.undo(told.hand(item("SN-1"), recorded="2023-03-01"))
    told.undo(
        told.hand(item("SN-1"), recorded="2023-03-01"), replacement=right("2023-02-20T00:00:00Z")
    )
    assert len(told.only("TIME-LATE", "2023-05-01")) == 2
    assert not told.only("TIME-LATE", "2023-07-01")


def test_late_does_not_go_with_a_correction_that_says_the_same(told):
    told.undo(
        told.hand(item("SN-1"), recorded="2023-03-01"), replacement=right("2023-02-01T08:00:00Z")
    )
    assert told.only("TIME-LATE", "2023-07-01")


# In words


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (172_800_000, "2 days"),
        (172_799_999, "47 hours"),
        (7_200_000, "2 hours"),
        (7_199_999, "119 minutes"),
        (120_000, "2 minutes"),
        (119_999, "119 seconds"),
    ],
)
def test_span(time, words):
    assert span(time).say() == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31"),
        ("1969-12-31T23:59:59Z", "1969-12-31"),
        ("0001-01-01T00:00:00+00:01", "a day that no calendar has"),
        ("9999-12-31T23:59:59-00:01", "a day that no calendar has"),
    ],
)
def test_day(moment, words):
    assert day(milliseconds(moment)).say() == words


def test_a_last_entry_exactly_at_the_limit_is_no_finding():
    hour = chain_of(last=3_600_000)
    assert not audit(source_of(hour, at=0), Settings(), {"TIME-FUTURE"})
    assert audit(source_of(hour, at=-1), Settings(), {"TIME-FUTURE"})


@pytest.mark.parametrize("ahead", [3_600_000, -3_600_000])
def test_what_a_witness_shows_may_differ_by_the_limit(ahead):
    for more, found in ((0, 0), (1 if ahead > 0 else -1, 1)):
        chain = chain_of(unwitnessed=((b"e", 1, ahead + more, "A", "W"),))
        assert len(audit(source_of(chain), Settings(), {"TIME-FUTURE", "TIME-BACK"})) == found
