"""A courier hands back last month's stick: whole, and all of it signed. 'Holds' was said of it by
the very machine that had written more since.
"""

from __future__ import annotations

import json

import pytest
from attacks.absent.first_line import cloned, verdict
from attacks.fuller.desks import site
from support.chains import transfer


@pytest.fixture
def depot(tmp_path):
    return site(tmp_path)


def test_what_this_machine_acknowledged_since_is_named(depot, tmp_path):
    stick = depot.stick(tmp_path, "stick")
    depot.tell("transfer", transfer(9))
    said = "cannot tell (full): newer entries of aid.example/depot"
    assert verdict(depot, stick) == (4, said)
    (chain,) = (stick / "chains").iterdir()
    assert verdict(depot, chain) == (4, said)


def test_what_a_hub_took_since_is_named_too(depot, tmp_path):
    hub, stick = site(tmp_path, "hub", transfers=0), depot.stick(tmp_path, "stick")
    depot.tell("transfer", transfer(9))
    hub.sync(depot)
    told = hub.run("verify", stick, "--json")
    assert told.code == 4
    (missing,) = json.loads(told.out)["missing"]
    assert (missing["code"], missing["params"]) == ("mark-ahead", {"n": 5, "held": 4})


def test_another_copy_of_the_same_length_is_named(depot, tmp_path):
    clone = cloned(depot, tmp_path)
    clone.tell("transfer", transfer(8))
    depot.tell("transfer", transfer(9))
    assert verdict(depot, clone.folder) == (
        4,
        "cannot tell (full): aid.example/depot entry 4: mark-other",
    )


def test_a_mark_that_cannot_be_read_is_said(depot):
    (mark,) = (depot.home / "marks").glob("*.mark")
    mark.write_bytes(b"nonsense")
    code, said = verdict(depot)
    assert (code, "aid.example/depot: mark-unreadable" in said) == (4, True)


def test_the_newest_copy_holds(depot, tmp_path):
    """The honest twin; and an old one does for whoever never saw more."""
    stick = depot.stick(tmp_path, "stick")
    assert verdict(depot, stick) == (0, "holds (full)")
    depot.tell("transfer", transfer(9))
    assert verdict(depot, depot.stick(tmp_path, "newest")) == (0, "holds (full)")
    assert verdict(site(tmp_path, "visitor"), stick) == (0, "holds (full)")
