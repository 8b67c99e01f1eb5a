"""KEY-*, CORRECT-FOREIGN: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle, chain_of, item, key, signer, source_of

from chainlog.audit.family import GrantFacts, RevocationFacts
from chainlog.audit.rules.keys import Keys
from chainlog.audit.settings import Settings
from chainlog.custody.act import Act, ActSigner
from chainlog.events.event import Event


@pytest.fixture
def told():
    return Chronicle()


def revoke(told, since=None, who="inspector", at="2023-04-01T00:00:00Z", reason="lost"):
    more = {} if since is None else {"since": since}
    return told.govern(
        "depot", "key.revoke", at, key=signer("depot", who).key_id, reason=reason, **more
    )


# KEY-REVOKED


@pytest.mark.parametrize(("since", "found"), [(1, 2), (2, 1), (3, 0), (None, 0)])
def test_revoked_is_what_was_signed_since(told, since, found):
    entries = [told.count(item("SN-1"), place="Store 2"), told.count(item("SN-2"))]
    revoke(told, since)
    some = told.only("KEY-REVOKED", "2023-05-01")
    assert [(one.severity, one.party, one.chain, one.entries) for one in some] == [
        ("critical", "depot", entries[0].chain, tuple(entry.id for entry in entries[2 - found :]))
    ] * bool(found)
    assert all("the key of inspector of depot is lost" in one.sentence for one in some)
    if found == 2:
        assert (some[0].items, some[0].index, some[0].place) == (
            (key("SN-1"), key("SN-2")),
            1,
            "Store 2",
        )


def test_revoked_is_of_that_key_in_that_chain(told):
    told.count(item("SN-1"), counter="x", who="custodian")
    told.count(item("SN-1"), by="brigade", holder="depot")
    revoke(told, 1)
    assert not told.only("KEY-REVOKED", "2023-05-01")


@pytest.mark.parametrize("order", [(1, 9), (9, 1), (None, 1), (1, None)])
def test_a_second_revocation_says_more_and_never_less(told, order):
    told.count(item("SN-1"))
    for since in order:
        revoke(told, since)
    assert told.only("KEY-REVOKED", "2023-05-01")


def test_revoked_goes_with_what_is_taken_back(told):
    count = told.count(item("SN-1"))
    revoke(told, 1)
    told.undo(count)
    assert told.only("KEY-REVOKED", "2023-05-01")
    assert not told.only("KEY-REVOKED", "2023-07-01")


@pytest.mark.parametrize(
    ("until", "recorded", "found"),
    [
        ("2023-03-01", "2023-03-01T23:59:59.999Z", 0),
        ("2023-03-01", "2023-03-02T00:00:00Z", 1),
        ("2023-03-01T08:00:00Z", "2023-03-01T08:00:00Z", 0),
        ("2023-03-01T08:00:00Z", "2023-03-01T08:00:00.001Z", 1),
        ("0001-01-01T00:00:00+14:00", "2023-03-01", 1),
        ("9999-12-31T23:59:59-12:00", "2023-03-01", 0),
    ],
)
def test_after_its_time(told, until, recorded, found):
    more = {
        "key": signer("depot", "inspector").key_id,
        "roles": ["inspector"],
        "holder": {"name": "A. Inspector"},
    }
    told.govern("depot", "key.grant", "2023-01-05T00:00:00Z", until=until, **more)
    count = told.count(item("SN-1"), at="2023-03-01T00:00:00Z", recorded=recorded)
    some = told.only("KEY-REVOKED", "2023-05-01")
    assert [(one.entries, one.party) for one in some] == [((count.id,), "depot")] * found
    assert all("was for use until" in one.sentence for one in some)
    told.govern("depot", "key.grant", "2023-03-05T00:00:00Z", **more)
    told.count(item("SN-2"), at="2023-03-06")
    assert [one.entries for one in told.only("KEY-REVOKED", "2023-05-01")] == [(count.id,)] * found


# KEY-ROLE


@pytest.mark.parametrize("who", ["owner", "inspector", "recorder", "custodian"])
@pytest.mark.parametrize("kind", ["inventory", "inspect", "transfer", "acknowledge"])
def test_role(told, who, kind):
    more = {
        "inventory": {"holder": "depot", "counter": "x", "complete": False},
        "inspect": {"item": item("SN-1")["item"], "now": "A"},
        "transfer": {"from": "depot", "to": "brigade", "lines": [item("SN-1")]},
        "acknowledge": {"finding": "X", "entries": ["ab" * 32], "reason": "x"},
    }
    entry = told.say("depot", kind, "2023-02-01", who=who, place="Gate 2", **more[kind])
    fits = who == "custodian" or (who == "inspector" and kind != "transfer")
    some = told.only("KEY-ROLE", "2023-03-01")
    assert [
        (one.severity, one.party, one.place, one.entries, one.chain, one.index, one.items)
        for one in some
    ] == [("medium", "depot", "Gate 2", (entry.id,), entry.chain, 1, ())] * (not fits)
    assert all(f"{who} of depot ({who}) signed {kind}" in one.sentence for one in some)


def test_a_recorder_says_for_whom(told):
    told.hand(item("SN-1"), who="recorder", on_behalf_of="depot")
    assert not told.only("KEY-ROLE", "2023-03-01")


def test_role_is_by_key_and_kind_and_goes_with_a_correction(told):
    one, other = told.hand(item("SN-1"), who="inspector"), told.hand(item("SN-2"), who="inspector")
    told.send(item("SN-3"), who="inspector")
    assert sorted(one.count for one in told.only("KEY-ROLE", "2023-03-01")) == [1, 2]
    told.undo(one)
    told.undo(other)
    assert [one.count for one in told.only("KEY-ROLE", "2023-07-01")] == [1]


def test_a_key_without_a_role(told):
    told.govern(
        "depot",
        "key.grant",
        "2023-01-05T00:00:00Z",
        key=signer("depot", "guest").key_id,
        holder={"name": "Guest"},
        roles=[],
    )
    told.count(item("SN-1"), who="guest")
    assert "Guest (no role) signed inventory" in told.only("KEY-ROLE", "2023-05-01")[0].sentence


# CORRECT-FOREIGN


@pytest.mark.parametrize(
    ("by", "who", "found"),
    [
        ("port", "custodian", 1),
        ("hq", "inspector", 1),
        ("hq", "owner", 0),
        ("depot", "inspector", 0),
        ("depot", "owner", 0),
    ],
)
def test_foreign_is_a_correction_by_neither_party_nor_owner(told, by, who, found):
    handed = told.hand(item("SN-1"))
    correction = told.undo(handed, by=by, who=who, place="Gate 2")
    some = told.only("CORRECT-FOREIGN", "2023-07-01")
    assert [(one.severity, one.party, one.place, one.entries, one.chain) for one in some] == [
        ("high", by, "Gate 2", (correction.id,), correction.chain)
    ] * found
    assert all(
        f"{who} of {by} of {by} corrected an entry of depot's" in one.sentence for one in some
    )


def test_foreign_goes_when_it_is_taken_back_or_made_by_one_who_may(told):
    handed = told.hand(item("SN-1"))
    one = told.undo(handed, by="port")
    other = told.undo(handed, by="port")
    told.undo(one, by="port", at="2023-06-05")
    again = {"event_time": "2023-06-01T08:00:00Z", "entry": handed.id, "reason": "did_not_happen"}
    right = {
        "event_time": "2023-06-05T08:00:00Z",
        "entry": other.id,
        "reason": "wrong_data",
        "replacement": again,
    }
    told.append("hq", Event.parse("correct", right), told.now + 60_000)
    assert len(told.only("CORRECT-FOREIGN", "2023-06-03")) == 2
    assert not told.only("CORRECT-FOREIGN", "2023-07-01")


def test_foreign_of_what_is_not_held_or_no_custody_is_none(told):
    told.say("port", "correct", "2023-06-01", entry="ab" * 32, reason="did_not_happen")
    told.say(
        "port",
        "correct",
        "2023-06-01",
        entry=told.ledgers["depot"].chain.hex(),
        reason="did_not_happen",
    )
    assert not told.only("CORRECT-FOREIGN", "2023-07-01")


def test_a_recorder_who_said_it_for_the_wrong_party_is_corrected_in_that_chain_or_by_the_authority(
    told,
):
    handed = told.hand(item("SN-1"), who="recorder", on_behalf_of="port")
    right = {
        "event_time": "2023-02-01T08:00:00Z",
        "lines": [item("SN-1")],
        "from": "depot",
        "to": "brigade",
        "on_behalf_of": "depot",
    }
    told.undo(handed, by="port", who="inspector", replacement=right)
    assert told.only("CORRECT-FOREIGN", "2023-07-01")
    told.undo(handed, by="depot", who="owner", replacement=right)
    assert len(told.only("CORRECT-FOREIGN", "2023-07-01")) == 1


def test_of_several_grants_the_last_before_the_entry_counts():
    grants = (
        GrantFacts(b"k", "x", "depot", (), 0, 10),
        GrantFacts(b"k", "x", "depot", (), 3, None),
        GrantFacts(b"k", "x", "depot", (), 5, 20),
    )
    chain = chain_of(grants=grants, revocations=(RevocationFacts(b"k", 9, b"", "lost", None),))

    class Bare:
        def things(self, act):
            return []

    source = source_of(chain)
    source.book = Bare()
    family = Keys(source, Settings())
    who = ActSigner(chain.id, b"k", "x", "depot", ("custodian",), chain.id)

    def found(index, time):
        return len(list(family.act(Act(b"e", chain.id, index, time, "inventory", time, who, {}))))

    assert [found(1, 10), found(1, 11), found(3, 11), found(5, 20), found(5, 21)] == [0, 1, 0, 0, 1]
