"""Whoever asks how the ledger stands is told in the first line what it lacks: `status` began with
who one is, and said nothing of chains that are gone, forked or older than they were.
"""

from __future__ import annotations

import json
import shutil

import pytest
from attacks.absent.first_line import authority, cloned
from attacks.fuller.desks import site
from support.chains import transfer


def first_line(desk):
    """The exit code of `status`, its first line, and the codes of what it lacks."""
    told, plain = desk.run("status"), json.loads(desk.run("status", "--json").out)
    return told.code, told.out.partition("\n")[0], [one["code"] for one in plain["lacks"]]


def test_a_chain_that_the_authority_admitted(tmp_path):
    hq, (port, _) = authority(tmp_path, "port", "depot")
    shutil.rmtree(hq.chain_folder(port.chain))
    assert first_line(hq) == (0, "not whole  the chain of aid.example/port", ["chain-absent"])


def test_the_authority_that_a_site_names(tmp_path):
    _, (port,) = authority(tmp_path, "port")
    said = "not whole  the authority's chain of aid.example/port"
    assert first_line(port) == (0, said, ["authority-absent"])


@pytest.fixture
def hub(tmp_path):
    """A hub that took the depot's chain before and after an entry; the depot, and the earlier."""
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    shutil.copytree(hub.chain_folder(depot.chain), tmp_path / "before")
    depot.tell("transfer", transfer(9))
    hub.sync(depot)
    return hub, depot, tmp_path / "before"


def test_a_chain_that_is_older_than_it_was(hub):
    hub, depot, before = hub
    shutil.rmtree(hub.chain_folder(depot.chain))
    shutil.copytree(before, hub.chain_folder(depot.chain))
    assert first_line(hub) == (0, "not whole  newer entries of aid.example/depot", ["mark-ahead"])


def test_another_copy_of_a_chain(hub, tmp_path):
    hub, depot, before = hub
    shutil.rmtree(depot.chain_folder())
    shutil.copytree(before, depot.chain_folder())
    clone = cloned(depot, tmp_path / "y")
    clone.tell("transfer", transfer(8))
    shutil.rmtree(hub.chain_folder(depot.chain))
    shutil.copytree(clone.chain_folder(), hub.chain_folder(depot.chain))
    said = "not whole  aid.example/depot entry 4: mark-other"
    assert first_line(hub) == (0, said, ["mark-other"])


def test_a_mark_that_cannot_be_read(hub):
    hub, depot, _ = hub
    (hub.home / "marks" / f"{depot.chain.hex()}.mark").write_bytes(b"nonsense")
    code, said, lacks = first_line(hub)
    assert (code, lacks) == (0, ["mark-unreadable"])
    assert said == "not whole  aid.example/depot: mark-unreadable"


def test_a_fork_of_a_chain_of_others(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    clone = cloned(depot, tmp_path)
    depot.tell("transfer", transfer(7))
    clone.tell("transfer", transfer(8))
    hub.sync(depot)
    hub.sync(clone)
    said = "not whole  a fork of aid.example/depot at entry 4"
    assert first_line(hub) == (0, said, ["fork-kept"])


def test_where_nothing_lacks_it_begins_with_who_one_is(hub):
    """The honest twin."""
    hub, depot, _ = hub
    for desk in (hub, depot):
        code, said, lacks = first_line(desk)
        assert (code, said.startswith("you "), lacks) == (0, True, [])
