"""A nightly `audit --fail-on critical` is quiet, since a courier withheld what was critical.

BODY-WITHHELD is less grave than what it hides, and so are CHAIN-GAP and its like. Nobody can tell
then whether there is one to fail on: exit code 4, whatever filter is asked with, until it is here
or the authority said that it need not be.
"""

from __future__ import annotations

import json

import pytest
from attacks.fuller.desks import site, withheld
from support.chains import OWNER, transfer

CRITICAL = ("audit", "--fail-on", "critical")


def handed_over(tmp_path, *fields, to):
    depot, hub = site(tmp_path, transfers=0), site(tmp_path, "hub", transfers=0)
    depot.tell("transfer", transfer(0, to=to, note="said by telephone"))
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", *fields))
    return depot, hub


@pytest.mark.parametrize("fields", [("to",), ("lines",), ("to", "from", "lines", "event_time")])
@pytest.mark.parametrize("more", [(), ("--code", "CUST-THIRD"), ("--party", "depot")])
def test_nobody_can_tell_whether_there_is_one(tmp_path, fields, more):
    _, hub = handed_over(tmp_path, *fields, to="Тінь")
    told = hub.run(*CRITICAL, *more)
    assert told.code == 4
    assert "cannot tell whether there is one to fail on: by BODY-WITHHELD (" in told.err
    assert json.loads(hub.run(*CRITICAL, *more, "--json").out)["not_whole"]


def test_a_chain_that_is_left_out_may_have_one(tmp_path):
    depot, hub = site(tmp_path, transfers=0), site(tmp_path, "hub", transfers=0)
    depot.tell("site.admit", {"chain": bytes(32), "origin": "aid.example/absent"}, OWNER)
    hub.sync(depot)
    told = hub.run(*CRITICAL)
    assert (told.code, "CHAIN-GAP (aid.example/absent)" in told.err) == (4, True)


def test_what_decides_nothing_may_be_withheld(tmp_path):
    _, hub = handed_over(tmp_path, "note", to="Склад 7")
    assert hub.run(*CRITICAL).code == 0


def test_of_a_whole_copy_it_is_told(tmp_path):
    depot, hub = handed_over(tmp_path, "to", to="Тінь")
    hub.sync(depot)
    assert hub.run(*CRITICAL).code == 5


def test_the_authority_says_that_it_need_not_be_here(tmp_path):
    depot, hub = handed_over(tmp_path, "to", to="Тінь")
    (found,) = json.loads(hub.run("audit", "--json").out)["not_whole"]
    entries = [bytes.fromhex(entry) for entry in found["entries"]]
    answer = {"finding": "BODY-WITHHELD", "entries": entries, "reason": "art. 17 GDPR"}
    depot.tell("acknowledge", {"event_time": "2023-09-01T00:00:00Z", **answer})
    hub.sync(withheld(depot.stick(tmp_path, "later"), tmp_path / "again", "to"))
    assert hub.run(*CRITICAL).code == 0
