"""The keeper's key was compromised, and its entries from 2 on are in doubt; a later revocation of
the same key, 'retired' and without a doubt, seemed to take that back. It may be by the thief.

A later one may say more and never less: the graver reason, the earlier doubt.
"""

from __future__ import annotations

import json

import pytest
from support.chains import CLERK
from support.command import run
from support.place import Place

from chainlog.format.keys import format_key_id


def revoked(tmp_path, *says):
    yard = Place(tmp_path, 5)
    for fields in says:
        yard.govern("key.revoke", {"key": CLERK.key_id, **fields})
    return yard


FIRST = {"reason": "compromised", "since": 2}
LATER = {
    "without a doubt": {"reason": "retired"},
    "with a later one": {"reason": "lost", "since": 4},
}


@pytest.fixture
def asked(monkeypatch):
    def ask(yard):
        """What the roster, `key list` and `exposure` say of the key."""
        monkeypatch.setenv("CHAINLOG_HOME", str(yard.home))
        with yard.open() as ledger:
            known = ledger.roster().revoked[CLERK.key_id]
        (listed,) = json.loads(run("key", "list", "--json", folder=yard.folder).out)["revoked"]
        words = ("exposure", format_key_id(CLERK.key_id), "--json")
        (exposed,) = json.loads(run(*words, folder=yard.folder).out)["keys"]
        return (
            (known.reason, known.at, known.doubt_from),
            (listed["reason"], listed["at"], listed["doubt_from"]),
            (exposed["revoked"], exposed["doubt_from"]),
        )

    return ask


@pytest.mark.parametrize("later", LATER)
def test_the_doubt_stays(tmp_path, asked, later):
    yard = revoked(tmp_path, FIRST, LATER[later])
    assert asked(yard) == (("compromised", 5, 2), ("compromised", 5, 2), ("compromised", 2))


def test_a_later_one_may_say_more(tmp_path, asked):
    yard = revoked(tmp_path, {"reason": "retired"}, {"reason": "lost", "since": 3})
    assert asked(yard) == (("lost", 5, 3), ("lost", 5, 3), ("lost", 3))


def test_one_alone_says_what_it_says(tmp_path, asked):
    yard = revoked(tmp_path, FIRST)
    assert asked(yard) == (("compromised", 5, 2), ("compromised", 5, 2), ("compromised", 2))
