"""The stick's ledger has a folder for chains, and nothing in it: it was wiped, or never filled.

A script that looks at the exit code must not go on as if all had been taken.
"""

from __future__ import annotations

import shutil

from attacks.fuller.desks import site


def test_nothing_there_is_no_success(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    shutil.rmtree(stick / "chains")
    (stick / "chains").mkdir()
    said = hub.sync(stick)
    assert (said.code, "no chain was found there" in said.out) == (4, True)


def test_one_chain_there_is(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    assert hub.sync(depot.stick(tmp_path, "stick")).code == 0
