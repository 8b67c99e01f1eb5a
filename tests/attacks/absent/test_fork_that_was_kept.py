"""A cloned laptop wrote another history of the depot, and the hub kept both sides: plain `verify`
said 'holds' beside it. Which of the two stands cannot be told before the owner says so.
"""

from __future__ import annotations

import pytest
from attacks.absent.first_line import cloned, verdict
from attacks.fuller.desks import site
from support.chains import OWNER, transfer


@pytest.fixture
def desks(tmp_path):
    depot = site(tmp_path)
    hub, clone = site(tmp_path, "hub", transfers=0), cloned(depot, tmp_path)
    hub.sync(depot)
    depot.tell("transfer", transfer(7))
    clone.tell("transfer", transfer(8))
    hub.sync(depot)
    assert hub.sync(clone).code == 3
    return depot, hub, clone


def test_it_is_named_where_nobody_is_trusted(desks):
    depot, hub, _ = desks
    said = "cannot tell (full): a fork of aid.example/depot at entry 4"
    assert verdict(hub) == verdict(hub, hub.chain_folder(depot.chain)) == (4, said)


def test_cut_to_before_it_it_is_named_all_the_same(desks):
    depot, hub, _ = desks
    raw = depot.records()
    (segment,) = hub.chain_folder(depot.chain).glob("*.seg")
    segment.write_bytes(segment.read_bytes()[: raw[4].start])
    hub.home.rename(hub.home.with_name("lost"))
    code, said = verdict(hub)
    assert (code, "aid.example/depot entry 4: fork-beyond" in said) == (4, True)


def test_where_the_owner_settled_it_all_holds(desks):
    """The honest twin."""
    depot, hub, clone = desks
    other = clone.records()[4].parsed.id
    depot.tell("chain.fork", {"at": 4, "other": other}, OWNER)
    hub.sync(depot)
    assert verdict(hub) == (0, "holds (full)")
