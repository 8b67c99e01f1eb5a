"""CUST-*: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle, chain_of, item, key, lot, signer

from chainlog.audit.family import GrantFacts
from chainlog.audit.membership import Inside
from chainlog.audit.settings import Settings
from chainlog.ledger.ledger import Ledger


@pytest.fixture
def told():
    return Chronicle()


def stranger(told, name="shadow", party="shadow", programme=None):
    """A chain that nobody admitted, under its own authority unless it says otherwise, whose key
    signs for whom it likes.
    """
    roles = ["owner", "custodian", "recorder"]
    opening = {
        "origin": f"test.example/{name}",
        "site": name,
        "keys": [{"key": signer(name, "custodian").key_id, "roles": roles}],
        "holders": [{"name": "someone", "party": party}],
    }
    if programme is not None:
        opening["programme"] = programme
    told.ledgers[name] = Ledger.create(
        "memory:", opening, signer(name, "custodian"), clock=told.clock, entropy=told.salt
    )
    return name


# CUST-NONHOLDER


@pytest.mark.parametrize("kind", ["dispatch", "transfer", "expend", "loss", "destroy"])
def test_nonholder_hands_on_what_another_has(told, kind):
    told.register(
        item("SN-1", value={"amount": "100", "currency": "USD", "basis": "list"}), by="port"
    )
    more = {
        "dispatch": {"from": "port", "to": "hq", "document": "WB-1"},
        "transfer": {"from": "port", "to": "hq"},
        "expend": {"holder": "port"},
        "loss": {"holder": "port", "cause": "lost", "report": "initial"},
        "destroy": {"holder": "port", "means": "fire", "witnessed_by": "x"},
    }
    wrong = told.say("port", kind, "2023-02-01", lines=[item("SN-1")], place="Pier 1", **more[kind])
    (one,) = told.audit("2023-02-02", codes={"CUST-NONHOLDER", "CUST-SPLIT"})
    assert (one.code, one.severity, one.party, one.place, one.entries) == (
        "CUST-NONHOLDER",
        "high",
        "port",
        "Pier 1",
        (wrong.id,),
    )
    assert (one.chain, one.index, one.items, one.value) == (
        wrong.chain,
        2,
        (key("SN-1"),),
        {"USD": "100"},
    )
    assert "port did not have it: the ledger has it with depot" in one.sentence


def test_nonholder_is_proven_where_the_chain_knew_better(told):
    told.register(item("SN-1"), by="depot")
    told.hand(item("SN-1"))
    again = told.hand(item("SN-1"), to="port", at="2023-02-05")
    (found,) = told.only("CUST-NONHOLDER", "2023-02-06")
    assert (found.entries, found.party) == ((again.id,), "depot")
    assert not told.only("CUST-SPLIT", "2023-02-06")


def test_nonholder_is_not_the_holder_nor_one_of_whom_nothing_is_known(told):
    told.register(item("SN-1"))
    told.hand(item("SN-1"), item("SN-7"))
    assert not told.audit("2023-02-06", codes={"CUST-NONHOLDER", "CUST-SPLIT"})


def test_nonholder_goes_with_the_entry_that_was_wrong(told):
    told.register(item("SN-1"), by="depot")
    first = told.hand(item("SN-1"))
    told.hand(item("SN-1"), to="port", at="2023-02-05")
    told.undo(first)
    assert told.only("CUST-NONHOLDER", "2023-05-01")
    assert not told.only("CUST-NONHOLDER", "2023-07-01")


# CUST-UNSIGNED


@pytest.mark.parametrize(
    ("at", "found"), [("2023-02-15T08:00:00Z", 0), ("2023-02-15T08:00:00.001Z", 1)]
)
def test_unsigned_begins_when_fourteen_days_are_over(told, at, found):
    handed = told.hand(item("SN-1"), place="Gate 2")
    some = told.only("CUST-UNSIGNED", at)
    assert [(one.severity, one.party, one.place, one.entries, one.items) for one in some] == [
        ("medium", "brigade", "Gate 2", (handed.id,), (key("SN-1"),))
    ] * found
    assert told.only("CUST-UNSIGNED", at, settings=Settings(unsigned_days=13))
    assert not told.only("CUST-UNSIGNED", at, settings=Settings(unsigned_days=15))


@pytest.mark.parametrize("agreed", [True, False])
@pytest.mark.parametrize("by", ["entry", "document"])
def test_unsigned_is_cured_by_an_answer_of_either_kind(told, agreed, by):
    handed = told.hand(item("SN-1"), document="HR-1")
    told.say(
        "brigade",
        "accept",
        "2023-03-05",
        agreed=agreed,
        **({"entry": handed.id.hex()} if by == "entry" else {"document": "HR-1"}),
    )
    assert told.only("CUST-UNSIGNED", "2023-03-04")
    assert not told.only("CUST-UNSIGNED", "2023-03-06")


def test_unsigned_comes_back_where_the_answer_did_not_happen(told):
    handed = told.hand(item("SN-1"))
    answer = told.say("brigade", "accept", "2023-02-05", agreed=True, entry=handed.id.hex())
    told.undo(answer)
    assert not told.only("CUST-UNSIGNED", "2023-05-01")
    assert told.only("CUST-UNSIGNED", "2023-07-01")


def test_unsigned_is_not_cured_by_anybody_else(told):
    handed = told.hand(item("SN-1"))
    told.say("port", "accept", "2023-02-05", agreed=True, entry=handed.id.hex())
    told.say("brigade", "attest", "2023-02-05", entry=handed.id.hex())
    assert told.only("CUST-UNSIGNED", "2023-03-01")


def test_unsigned_by_the_giver_where_the_taker_wrote_it(told):
    handed = told.hand(item("SN-1"), by="brigade")
    assert told.only("CUST-UNSIGNED", "2023-03-01")[0].party == "depot"
    told.say("depot", "accept", "2023-02-05", agreed=True, entry=handed.id.hex())
    assert not told.only("CUST-UNSIGNED", "2023-03-01")


def test_unsigned_goes_with_a_handover_that_did_not_happen(told):
    told.undo(told.hand(item("SN-1")))
    assert not told.only("CUST-UNSIGNED", "2023-07-01")


@pytest.mark.parametrize(("by", "found"), [("depot", []), ("port", ["depot"])])
def test_unsigned_is_what_another_says_was_lost(told, by, found):
    told.register(item("SN-1"))
    gone = told.lose(item("SN-1"), by=by)
    some = told.only("CUST-UNSIGNED", "2023-04-01")
    assert [(one.party, one.entries, one.key) for one in some] == [
        (party, (gone.id,), "CUST-UNSIGNED.holder") for party in found
    ]
    assert not told.only("CUST-UNSIGNED", "2023-03-10")
    told.undo(gone, by="hq", at="2023-05-01")
    assert not told.only("CUST-UNSIGNED", "2023-06-01")


def test_the_giver_does_not_sign_for_a_taker_that_has_a_chain(told):
    handed = told.hand(item("SN-1"))
    recorder_accepts(told, handed)
    assert [one.party for one in told.only("CUST-UNSIGNED", "2023-03-01")] == ["brigade"]
    # Where that chain is not held, nobody knows that there is one.
    assert not told.only("CUST-UNSIGNED", "2023-03-01", sites=("hq", "depot"))


def test_a_receipt_that_another_wrote_is_unsigned_at_once(told):
    told.send(item("SN-1"))
    got = told.take(item("SN-1"), by="port")
    (found,) = told.only("CUST-UNSIGNED", "2023-02-03")
    assert (found.party, found.entries, found.chain) == ("brigade", (got.id,), got.chain)


@pytest.mark.parametrize("what", ["dispatch", "receipt", "paper"])
def test_a_receipt_that_another_wrote_is_cured_by_accepting_either(told, what):
    sent = told.send(item("SN-1"))
    got = told.take(item("SN-1"), by="port")
    named = {
        "dispatch": {"entry": sent.id.hex()},
        "receipt": {"entry": got.id.hex()},
        "paper": {"document": "WB-1"},
    }[what]
    told.say("brigade", "accept", "2023-02-05", agreed=True, **named)
    assert not told.only("CUST-UNSIGNED", "2023-03-01")
    told.say(
        "brigade",
        "receive",
        "2023-02-05",
        lines=[item("SN-2")],
        to="port",
        document="WB-1",
        **{"from": "depot"},
    )
    assert [one.party for one in told.only("CUST-UNSIGNED", "2023-03-01")] == ["port"]


def test_a_receipt_under_its_own_key_is_signed_and_so_is_one_on_its_behalf(told):
    told.send(item("SN-1"), item("SN-2"))
    told.take(item("SN-1"))
    told.take(item("SN-2"), by="port", who="recorder", on_behalf_of="brigade")
    assert not told.only("CUST-UNSIGNED", "2023-03-01")


def test_nobody_signs_for_a_party_of_the_programme_in_a_chain_outside_it(told):
    told.send(item("SN-1"))
    mask = stranger(told, party="brigade")
    got = told.take(item("SN-1"), by=mask)
    handed = told.hand(item("SN-2"))
    told.say(mask, "accept", "2023-02-03", agreed=True, entry=handed.id.hex())
    assert {one.entries for one in told.only("CUST-UNSIGNED", "2023-03-01")} == {
        (got.id,),
        (handed.id,),
    }


def test_nor_in_one_that_merely_says_it_is_under_the_authority(told):
    handed = told.hand(item("SN-2"))
    told.say(
        stranger(told, party="brigade", programme=told.ledgers["hq"].chain),
        "accept",
        "2023-02-03",
        agreed=True,
        entry=handed.id.hex(),
    )
    assert told.only("CUST-UNSIGNED", "2023-03-01")
    # Where the authority's chain is not held, nobody can say who is admitted.
    assert not told.only("CUST-UNSIGNED", "2023-03-01", sites=("depot", "brigade", "shadow"))


def test_a_party_that_is_none_of_the_programme_signs_where_it_will(told):
    handed = told.hand(item("SN-2"), to="shadow")
    told.say(stranger(told), "accept", "2023-02-03", agreed=True, entry=handed.id.hex())
    assert not told.only("CUST-UNSIGNED", "2023-03-01")


# CUST-SELF


def recorder_accepts(told, entry):
    """The depot's recorder signs for the brigade."""
    return told.say(
        "depot",
        "accept",
        "2023-02-02",
        who="recorder",
        on_behalf_of="brigade",
        agreed=True,
        entry=entry.id.hex(),
    )


def test_self_is_one_key_on_both_sides_of_a_transfer(told):
    handed = told.hand(
        item("SN-1"), place="Gate 2", by="depot", who="recorder", on_behalf_of="depot"
    )
    recorder_accepts(told, handed)
    (found,) = told.only("CUST-SELF", "2023-02-03")
    assert (found.severity, found.party, found.place, found.entries, found.items) == (
        "high",
        "brigade",
        "Gate 2",
        (handed.id,),
        (key("SN-1"),),
    )
    assert "recorder of depot signed both sides" in found.sentence


def test_self_is_not_two_keys_of_one_site(told):
    handed = told.hand(item("SN-1"))
    recorder_accepts(told, handed)
    assert not told.only("CUST-SELF", "2023-02-03")


def test_self_goes_when_the_answer_did_not_happen(told):
    handed = told.hand(item("SN-1"), who="recorder", on_behalf_of="depot")
    answer = recorder_accepts(told, handed)
    told.undo(answer)
    assert told.only("CUST-SELF", "2023-05-01")
    assert not told.only("CUST-SELF", "2023-07-01")


def test_self_is_also_one_key_for_dispatch_and_receipt(told):
    sent = told.send(item("SN-1"))
    got = told.take(item("SN-1"), by="depot")
    (found,) = told.only("CUST-SELF", "2023-02-03")
    assert (found.entries, found.chain, found.index) == ((sent.id, got.id), got.chain, 2)
    told.undo(got)
    assert not told.only("CUST-SELF", "2023-07-01")


def test_self_is_also_one_key_for_a_dispatch_and_its_acceptance(told):
    sent = told.send(item("SN-1"), who="recorder", on_behalf_of="depot")
    recorder_accepts(told, sent)
    (found,) = told.only("CUST-SELF", "2023-02-03")
    assert found.entries == (sent.id,)
    got = told.take(item("SN-1"), at="2023-02-04")
    (found,) = told.only("CUST-SELF", "2023-02-05")
    assert found.entries == (sent.id, got.id)


# CUST-THIRD


def leave(told, *lines, at="2023-01-15", by="hq", until="2023-02-01", to="shadow"):
    return told.say(by, "consent", at, lines=[*lines], to=to, until=until, **{"from": "depot"})


@pytest.mark.parametrize("kind", ["transfer", "dispatch", "receive"])
def test_third_is_any_handover_to_one_whom_no_roster_names(told, kind):
    gone = told.say(
        "depot",
        kind,
        "2023-02-01",
        lines=[item("SN-1"), lot("L-1", "5")],
        to="shadow",
        document="WB-1",
        place="Gate 2",
        **{"from": "depot"},
    )
    (found,) = told.only("CUST-THIRD", "2023-02-03")
    assert (found.severity, found.party, found.place, found.entries) == (
        "critical",
        "shadow",
        "Gate 2",
        (gone.id,),
    )
    assert (found.items, found.chain) == ((key("SN-1"), "lot:1320900007012/L-1"), gone.chain)
    assert not told.only(
        "CUST-THIRD", "2023-02-03", settings=Settings(programme_parties=("shadow",))
    )


@pytest.mark.parametrize("taker", ["brigade", "port", "hq"])
def test_third_is_nobody_of_the_programme(told, taker):
    told.hand(item("SN-1"), to=taker)
    assert not told.only("CUST-THIRD", "2023-02-03")


@pytest.mark.parametrize(
    ("at", "until", "found"),
    [
        ("2023-02-01T23:59:59.999Z", "2023-02-01", 0),
        ("2023-02-02T00:00:00Z", "2023-02-01", 1),
        ("2023-02-01T08:00:00Z", "2023-02-01T08:00:00Z", 0),
        ("2023-02-01T08:00:00.001Z", "2023-02-01T08:00:00Z", 1),
        ("2023-01-15T08:00:00Z", "2023-02-01", 0),
        ("2023-01-15T07:59:59.999Z", "2023-02-01", 1),
    ],
)
def test_consent_is_in_force_from_when_it_is_given_until_its_last_moment(told, at, until, found):
    leave(told, item("SN-1"), until=until)
    told.hand(item("SN-1"), to="shadow", at=at)
    assert len(told.only("CUST-THIRD", "2023-03-01")) == found


@pytest.mark.parametrize("wrong", ["by", "to", "item"])
def test_consent_is_the_authoritys_for_that_party_and_that_item(told, wrong):
    leave(
        told,
        item("SN-2" if wrong == "item" else "SN-1"),
        by="depot" if wrong == "by" else "hq",
        to="shadów" if wrong == "to" else "shadow",
    )
    told.hand(item("SN-1"), to="shadow")
    assert told.only("CUST-THIRD", "2023-03-01")
    leave(told, item("SN-1"), at="2023-01-20")
    assert not told.only("CUST-THIRD", "2023-03-01")


def test_consent_is_for_what_it_lists_and_goes_when_it_was_not_given(told):
    given = leave(told, item("SN-1"))
    told.hand(item("SN-1"), item("SN-2"), to="shadow")
    assert told.only("CUST-THIRD", "2023-03-01")[0].items == (key("SN-2"),)
    told.undo(given)
    assert told.only("CUST-THIRD", "2023-07-01")[0].items == (key("SN-1"), key("SN-2"))


def test_third_goes_when_it_did_not_happen(told):
    told.undo(told.hand(item("SN-1"), to="shadow"))
    assert told.only("CUST-THIRD", "2023-05-01")
    assert not told.only("CUST-THIRD", "2023-07-01")


def test_a_chain_of_ones_own_is_no_programme_for_what_another_registered(told):
    told.register(item("SN-1"), lot("L-1", "5"))
    shadow = stranger(told)
    told.say(
        shadow,
        "consent",
        "2023-01-15",
        lines=[item("SN-1")],
        to="shadow",
        until="2024-01-01",
        **{"from": "depot"},
    )
    gone = told.hand(item("SN-1"), lot("L-1", "5"), item("SN-8"), to="shadow", by=shadow)
    (found,) = told.only("CUST-THIRD", "2023-03-01")
    assert (found.entries, found.items) == ((gone.id,), (key("SN-1"), "lot:1320900007012/L-1"))
    leave(told, item("SN-1"), lot("L-1", "5"))
    assert not told.only("CUST-THIRD", "2023-03-01")


def test_a_chain_that_says_it_is_under_the_authority_is_not_in_the_programme_until_it_is_admitted(
    told,
):
    stranger(told, programme=told.ledgers["hq"].chain)
    told.hand(item("SN-1"), to="shadow")
    assert told.only("CUST-THIRD", "2023-03-01")
    told.govern(
        "hq",
        "site.admit",
        "2023-02-20",
        chain=told.ledgers["shadow"].chain,
        origin="test.example/shadow",
    )
    assert not told.only("CUST-THIRD", "2023-03-01")


def test_inside_is_asked_of_a_programme_once():
    chain = chain_of(grants=(GrantFacts(b"k", "x", "brigade", (), 0, None),))

    class Once:
        asked = 0

        def inside(self, programme):
            self.asked += 1
            return [chain]

        def parties(self, programme):
            return frozenset({"brigade", "depot"})

    source = Once()
    inside = Inside(source)
    assert (
        inside.of(chain.id)
        == inside.of(chain.id)
        == (frozenset({chain.id}), frozenset({"brigade", "depot"}))
    )
    assert source.asked == 1


def test_what_goes_in_a_box_needs_leave_and_what_is_lost_in_it_does_not(told):
    told.register(item("SN-1"), item("BOX-1"))
    box = item("BOX-1")
    told.say("depot", "pack", "2023-01-10", container=box["item"], items=[item("SN-1")["item"]])
    told.lose(box, at="2023-01-20")
    assert not told.only("CUST-THIRD", "2023-03-01")
    told.hand(box, to="shadow", at="2023-02-10")
    (found,) = told.only("CUST-THIRD", "2023-03-01")
    assert found.items == (key("BOX-1"), key("SN-1"))


# CUST-SPLIT


def test_split_is_two_holders_in_two_chains(told):
    told.register(item("SN-1"))
    one = told.hand(item("SN-1"), to="port", place="Gate 2")
    other = told.hand(item("SN-1"), by="brigade", at="2023-02-02", to="hq", **{"from": "brigade"})
    (found,) = told.only("CUST-SPLIT", "2023-03-01")
    first, second = sorted((one, other), key=lambda entry: entry.chain)
    assert (found.severity, found.entries, found.items, found.count) == (
        "critical",
        (first.id, second.id),
        (key("SN-1"),),
        1,
    )
    assert found.sentence.startswith("1ABC2/M777/SN-1 was given to hq and to port in two chains")
    assert (found.party, found.chain) == ("brigade", other.chain)


def test_split_is_one_finding_for_an_item_however_often(told):
    told.register(item("SN-1"))
    told.hand(item("SN-1"), to="port")
    told.hand(item("SN-1"), by="brigade", at="2023-02-02", to="hq", **{"from": "brigade"})
    told.hand(item("SN-1"), by="port", at="2023-02-03", to="depot", **{"from": "port"})
    (found,) = told.only("CUST-SPLIT", "2023-03-01")
    assert len(found.entries) == 3


def test_split_is_not_what_one_chain_says_after_the_other(told):
    told.register(item("SN-1"))
    handed = told.hand(item("SN-1"), document="HR-1")
    told.say("brigade", "accept", "2023-02-01", entry=handed.id.hex(), agreed=True)
    told.hand(item("SN-1"), by="brigade", at="2023-02-02", to="hq", **{"from": "brigade"})
    assert not told.audit("2023-03-01", codes={"CUST-SPLIT", "CUST-NONHOLDER"})


def test_split_goes_with_the_one_that_did_not_happen(told):
    told.register(item("SN-1"))
    told.hand(item("SN-1"), to="port")
    other = told.hand(item("SN-1"), by="brigade", at="2023-02-02", to="hq", **{"from": "brigade"})
    told.undo(other)
    assert told.only("CUST-SPLIT", "2023-05-01")
    assert not told.only("CUST-SPLIT", "2023-07-01")
