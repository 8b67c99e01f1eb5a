"""Whoever has the hub's disk deletes the chain of a site that the authority admitted. Without
`--trust`, what was left held, and nobody was told that anything was gone.
"""

from __future__ import annotations

import json
import re
import shutil

import pytest
from attacks.absent.first_line import authority, verdict
from attacks.fuller.desks import site


@pytest.fixture
def desks(tmp_path):
    """The authority's desk; the port, whose chain is deleted there; the depot."""
    hq, (port, depot) = authority(tmp_path, "port", "depot")
    shutil.rmtree(hq.chain_folder(port.chain))
    return hq, port, depot


def test_one_that_was_seen_before_was_taken_away(desks):
    hq, _, _ = desks
    assert verdict(hq) == (4, "cannot tell (full): the chain of aid.example/port")


def test_whoever_never_saw_it_is_told_its_name(desks, tmp_path):
    hq, port, _ = desks
    visitor = site(tmp_path, "visitor")
    said = "holds (full), without the chain of aid.example/port"
    assert verdict(visitor, hq.folder) == (0, said)
    told = json.loads(visitor.run("verify", hq.folder, "--json").out)
    (absent,) = told["without"]
    assert (absent["chain"], absent["code"]) == (port.chain.hex(), "chain-absent")
    assert (told["without_count"], told["admitted_elsewhere"]) == (1, 1)


def test_the_authoritys_chain_by_itself_misses_nothing_and_names_both(desks):
    hq, _, _ = desks
    code, said = verdict(hq, hq.chain_folder())
    named = r"holds \(full\), without the chain of aid\.example/(port|depot) and 1 more"
    assert (code, bool(re.fullmatch(named, said))) == (0, True)


def test_a_site_names_an_authority_whose_chain_is_gone(desks):
    hq, _, depot = desks
    said = "holds (full), without the authority's chain of aid.example/depot"
    assert verdict(depot) == verdict(depot, hq.chain_folder(depot.chain)) == (0, said)


def test_where_all_are_here_all_holds(tmp_path):
    """The honest twin; one that the authority suspended altogether is not missed."""
    hq, _ = authority(tmp_path, "port", "depot")
    assert verdict(hq) == (0, "holds (full)")
