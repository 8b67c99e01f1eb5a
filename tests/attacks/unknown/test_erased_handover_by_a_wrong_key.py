"""A thief signs with a key that was found out, and has the body of it erased: who signed stays."""

from __future__ import annotations

from support.copies import Copy
from support.programmes import item, signer


def stolen():
    told = Copy()
    told.register(item("SN-1"), by="depot")
    told.handed = told.hand(item("SN-1"), who="custodian")
    told.govern(
        "depot",
        "key.revoke",
        key=signer("depot", "recorder").key_id,
        reason="compromised",
        since=1,
    )
    return told


def theft():
    told = Copy()
    told.register(item("SN-1"), by="depot")
    told.handed = told.hand(item("SN-1"), who="recorder", on_behalf_of="depot")
    told.govern(
        "depot",
        "key.revoke",
        key=signer("depot", "recorder").key_id,
        reason="compromised",
        since=1,
    )
    return told


def test_the_wrong_key_stays_and_the_erased_is_said():
    told = theft()
    told.erase(told.handed)
    assert [one.severity for one in told.only("KEY-REVOKED")] == ["critical"]
    assert "BODY-WITHHELD" in told.codes()


def test_an_erased_handover_by_the_keeper_is_by_no_wrong_key():
    told = stolen()
    told.erase(told.handed)
    assert told.only("KEY-REVOKED") == []
