"""One site makes both sides of a handover agree, or another site's things vanish, by its own keys.

The depot's owner grants a key to somebody 'of the brigade', or its recorder signs on the brigade's
behalf; a custodian of the port says that the brigade lost, used up or handed on what it had. Each
is signed by keys in force of an admitted chain. That a party with a chain of its own did not sign
there is said (CUST-UNSIGNED).
"""

from __future__ import annotations

import pytest
from support.copies import Copy
from support.programmes import item, signer


def told_so_far():
    told = Copy()
    told.register(item("SN-1"))
    told.govern(
        "depot",
        "key.grant",
        key=signer("depot", "ghost").key_id,
        roles=["custodian"],
        holder={"name": "ghost", "party": "brigade"},
    )
    return told


def unsigned(told):
    return [(one.party, one.items) for one in told.only("CUST-UNSIGNED", "2023-12-01")]


def named(serial="SN-1"):
    return (f"1ABC2/M777/{serial}",)


GHOSTS = [{"who": "ghost"}, {"who": "recorder", "on_behalf_of": "brigade"}]


@pytest.mark.parametrize("ghost", GHOSTS)
def test_the_giver_accepts_for_the_taker(ghost):
    told = told_so_far()
    handed = told.hand(item("SN-1"))
    told.say("depot", "accept", "2023-02-02", entry=handed.id.hex(), agreed=True, **ghost)
    assert unsigned(told) == [("brigade", named())]


@pytest.mark.parametrize("ghost", GHOSTS)
def test_the_sender_receives_for_the_taker(ghost):
    told = told_so_far()
    told.send(item("SN-1"))
    told.take(item("SN-1"), by="depot", **ghost)
    assert unsigned(told) == [("brigade", named())]


@pytest.mark.parametrize("kind", ["expend", "loss", "destroy"])
def test_a_stranger_says_that_it_is_gone(kind):
    told = told_so_far()
    more = {
        "expend": {},
        "loss": {"cause": "lost", "report": "final", "lost_on": "2023-03-01", "place": "B"},
        "destroy": {"means": "cut", "witnessed_by": "X"},
    }[kind]
    gone = told.say("port", kind, "2023-03-01", lines=[item("SN-1")], holder="depot", **more)
    assert unsigned(told) == [("depot", named())]
    told.say("depot", "accept", "2023-03-02", entry=gone.id.hex(), agreed=True)
    assert unsigned(told) == []


@pytest.mark.parametrize("kind", ["transfer", "dispatch"])
def test_a_stranger_hands_it_on(kind):
    told = told_so_far()
    handed = told.send(item("SN-1"), by="port", kind=kind)
    if kind == "dispatch":
        told.take(item("SN-1"))
    told.say("brigade", "accept", "2023-02-02", entry=handed.id.hex(), agreed=True)
    assert unsigned(told) == [("depot", named())]


def test_two_sides_that_did_not_sign_are_two_findings():
    told = told_so_far()
    told.hand(item("SN-1"), by="port")
    assert sorted(unsigned(told)) == [("brigade", named()), ("depot", named())]


def test_each_signs_for_itself():
    told = told_so_far()
    told.send(item("SN-1"))
    told.take(item("SN-1"))
    handed = told.hand(
        item("SN-1"), by="brigade", at="2023-03-01", to="port", **{"from": "brigade"}
    )
    told.say("port", "accept", "2023-03-02", entry=handed.id.hex(), agreed=True)
    told.lose(item("SN-1"), holder="port", at="2023-04-01", report="final")
    assert unsigned(told) == []


def test_whom_only_that_chain_names_signs_there():
    told = told_so_far()
    told.govern(
        "depot",
        "key.grant",
        key=signer("depot", "gate").key_id,
        roles=["custodian"],
        holder={"name": "Ira", "party": "gate"},
    )
    handed = told.hand(item("SN-1"), to="gate")
    told.say("depot", "accept", "2023-02-02", who="gate", entry=handed.id.hex(), agreed=True)
    assert unsigned(told) == []


@pytest.mark.parametrize("path", ["holder", "on_behalf_of"])
def test_nobody_is_missed_where_it_is_not_shown_whose_it_was(path):
    told = told_so_far()
    gone = told.say(
        "port",
        "expend",
        "2023-03-01",
        who="recorder",
        on_behalf_of="port",
        lines=[item("SN-1")],
        holder="depot",
    )
    told.hide(gone, path)
    assert unsigned(told) == []
    (found,) = told.only("BODY-WITHHELD")
    assert "1 × CUST-UNSIGNED" in found.sentence
