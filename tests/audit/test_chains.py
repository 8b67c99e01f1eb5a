"""CHAIN-*, SCHEMA-UNKNOWN: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import OPENED, Chronicle, chain_of, item, source_of

from chainlog.audit.family import UnreadEntry
from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.format.entry import parse_entry
from chainlog.index.audit_source import gather
from chainlog.index.index import Items

DAY = 86_400_000


@pytest.fixture
def told():
    return Chronicle()


def found_in(*chains, code, at=OPENED, **more):
    settings = more.pop("settings", Settings())
    return audit(source_of(*chains, at=at, **more), settings, {code})


def audited(ledger, code):
    with Items.of(ledger) as items:
        return audit(gather(items, None, OPENED, lambda _: "held"), Settings(), {code})


# CHAIN-GAP


def test_gap_where_a_chain_stops_verifying(told):
    told.hand(item("SN-1"))
    told.hand(item("SN-2"))
    chain, records = told.ledgers["depot"].chain, told.records("depot")
    entry = bytearray(records[2][0])
    entry[-1] ^= 1
    ledger = told.gathered(instead={"depot": [*records[:2], (bytes(entry), records[2][1])]})
    (found,) = audited(ledger, "CHAIN-GAP")
    assert (found.severity, found.party, found.chain, found.index) == ("high", "depot", chain, 2)
    assert found.entries == (parse_entry(records[1][0]).id,)
    assert "counts up to entry 2 only" in found.sentence


def test_gap_where_an_admitted_chain_is_not_held(told):
    assert not told.only("CHAIN-GAP", "2023-02-01")
    (found,) = told.only("CHAIN-GAP", "2023-02-01", sites=("hq", "depot", "brigade"))
    assert (found.party, found.chain, found.index) == (
        "test.example/port",
        told.ledgers["hq"].chain,
        3,
    )
    assert "is admitted and not held" in found.sentence


def test_gap_where_the_authoritys_chain_is_not_held(told):
    told.hand(item("SN-1"))
    (found,) = told.only("CHAIN-GAP", "2023-03-01", sites=("depot", "brigade"))
    first = min(told.ledgers[site].chain for site in ("depot", "brigade"))
    assert (found.chain, found.index, found.count) == (first, 0, 2)
    assert set(found.entries) == {told.ledgers["depot"].chain, told.ledgers["brigade"].chain}
    assert parse_entry(told.records("depot")[0][0]).id in found.entries
    assert "the authority's chain" in found.sentence


def test_gap_where_an_entry_cited_is_not_held(told):
    first = told.say("brigade", "accept", "2023-02-01", entry="ab" * 32, agreed=True)
    second = told.say("brigade", "attest", "2023-02-01", entry="cd" * 32)
    third = told.say(
        "brigade",
        "acknowledge",
        "2023-02-02",
        finding="X",
        entries=["ab" * 32, "ef" * 32],
        reason="x",
    )
    (found,) = told.only("CHAIN-GAP", "2023-03-01")
    assert (found.party, found.chain, found.index, found.entries) == (
        "brigade",
        first.chain,
        1,
        (first.id, second.id, third.id),
    )
    assert "brigade cites 3 entries that are not held, the first in entry 1" in found.sentence


def test_gap_where_a_body_is_not_held(told):
    handed = told.hand(item("SN-1"))
    records = told.records("depot")
    ledger = told.gathered(instead={"depot": [records[0], (records[1][0], b"")]})
    (found,) = audited(ledger, "CHAIN-GAP")
    assert (found.entries, found.party, found.index) == ((handed.id,), "depot", 1)
    assert "the bodies of 1 entries of depot are not held, the first at 1" in found.sentence
    assert not audited(ledger, "SCHEMA-UNKNOWN")


def test_no_gap_where_a_body_was_erased_by_law(told):
    handed = told.hand(item("SN-1"))
    told.govern("depot", "chain.erase", entries=[handed.id], reason="order 5")
    records = told.records("depot")
    ledger = told.gathered(instead={"depot": [records[0], (records[1][0], b""), records[2]]})
    assert not audited(ledger, "CHAIN-GAP")


# CHAIN-FORK, CHAIN-ROLLBACK


def test_fork_is_two_entries_at_one_index():
    chain = chain_of(forks=((1, b"a" * 32, b"b" * 32), (2, b"c" * 32, b"d" * 32)))
    (found,) = found_in(chain, code="CHAIN-FORK")
    assert (found.severity, found.party, found.chain, found.index, found.count) == (
        "critical",
        "depot",
        chain.id,
        1,
        2,
    )
    assert found.entries == (b"a" * 32, b"b" * 32, b"c" * 32, b"d" * 32)
    assert "two entries stand at 1 of the chain of depot" in found.sentence
    assert not found_in(chain_of(), code="CHAIN-FORK")


@pytest.mark.parametrize(("seen", "found"), [(0, 0), (3, 0), (4, 1)])
def test_rollback_is_shorter_than_it_was(seen, found):
    chain = chain_of(seen=seen)
    some = found_in(chain, code="CHAIN-ROLLBACK")
    assert [(one.severity, one.party, one.chain, one.index, one.entries) for one in some] == [
        ("critical", "depot", chain.id, 3, (chain.last_id,))
    ] * found
    assert all("has 3 entries and was known to have 4" in one.sentence for one in some)


# CHAIN-SILENT


@pytest.mark.parametrize(("after", "found"), [(30 * DAY, 0), (30 * DAY + 1, 1)])
def test_silent_begins_when_thirty_days_are_over(after, found):
    chain = chain_of()
    some = found_in(chain, code="CHAIN-SILENT", at=OPENED + after)
    assert [(one.severity, one.party, one.chain, one.index, one.entries) for one in some] == [
        ("medium", "depot", chain.id, 2, (chain.last_id,))
    ] * found
    assert found_in(
        chain, code="CHAIN-SILENT", at=OPENED + after, settings=Settings(silent_days=29)
    )
    assert not found_in(
        chain, code="CHAIN-SILENT", at=OPENED + after, settings=Settings(silent_days=31)
    )


def test_silent_is_not_a_closed_chain_nor_one_of_which_nothing_counts():
    assert not found_in(
        chain_of(closed=True),
        chain_of("port", size=0, last=0),
        code="CHAIN-SILENT",
        at=OPENED + 99 * DAY,
    )


def test_silent_goes_with_the_next_word(told):
    assert len(told.only("CHAIN-SILENT", "2023-03-01")) == 4
    told.hand(item("SN-1"))
    told.govern("port", "chain.close", "2023-02-05T00:00:00Z", reason="moved")
    assert [one.party for one in told.only("CHAIN-SILENT", "2023-03-01")] == ["brigade", "hq"]


# SCHEMA-UNKNOWN


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("bless", {"event_time": "2023-02-01T08:00:00Z"}),
        ("attest", {"event_time": "2023-02-01T08:00:00Z", "entry": b"e" * 32, "mood": "good"}),
        ("attest", {"entry": 5}),
    ],
)
def test_unknown_is_a_custody_event_that_does_not_fit(told, kind, fields):
    entry = told.forge("depot", kind, fields)
    (found,) = told.only("SCHEMA-UNKNOWN", "2023-03-01")
    assert (found.severity, found.party, found.chain, found.index, found.entries) == (
        "low",
        "depot",
        entry.chain,
        1,
        (entry.id,),
    )
    assert f"entry 1 of depot, {kind} by custodian of depot, does not fit" in found.sentence
    assert not told.only("CHAIN-GAP", "2023-03-01")


def test_unknown_is_not_a_field_of_ones_own_nor_what_is_absent(told):
    told.forge(
        "depot",
        "attest",
        {
            "event_time": "2023-02-01T08:00:00Z",
            "entry": told.ledgers["depot"].chain,
            "x_mood": "good",
        },
    )
    assert not told.only("SCHEMA-UNKNOWN", "2023-03-01")
    row = UnreadEntry(b"e" * 32, 1, 0, "attest", "absent", "x", "depot")
    assert not found_in(chain_of(unread=(row,)), code="SCHEMA-UNKNOWN")


def test_an_unknown_governing_entry_ends_what_counts(told):
    told.forge("depot", "chain.bless", {"note": "x"})
    assert "counts up to entry 1 only" in told.only("CHAIN-GAP", "2023-03-01")[0].sentence
