"""The index of a ledger that was handed over has other ids than its records: evidence is made from
the records all the same, and holds; of damaged records none is made.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import SIZE, Yard
from support.command import run


@pytest.fixture
def site(tmp_path, monkeypatch):
    yard = Yard(tmp_path)
    yard.make()
    monkeypatch.setenv("CHAINLOG_HOME", str(yard.home))
    return yard


def made(yard):
    file = yard.base / "evidence"
    words = ("evidence", "make", "--range", f"7:{SIZE - 1}", "--unwitnessed", "-o", file)
    return run(*words, folder=yard.folder), file


def test_it_is_made_from_the_records(site):
    site.poison_index()
    said, file = made(site)
    assert (said.code, file.exists()) == (0, True), said.err


def test_none_is_made_of_damaged_records(site):
    site.flip_signature(8)
    said, file = made(site)
    assert (said.code, file.exists()) == (1, False)
    assert "entry 8" in said.err


def test_of_whole_ones_beside_a_true_index_it_is_made(site):
    said, file = made(site)
    assert (said.code, file.exists()) == (0, True), said.err
