"""`log --kind recieve` lists nothing, exit 0, and a nightly export of receipts writes an empty file
over yesterday's. A kind that neither the vocabulary nor the chain has is an error, which offers the
nearest.
"""

from __future__ import annotations

import pytest

ASKED = [("log",), ("log", "--json"), ("export", "jsonl"), ("export", "csv")]


@pytest.mark.parametrize("words", ASKED)
@pytest.mark.parametrize("kind", ["recieve", "Receive", "rеceive", "receive ", ""])
def test_a_kind_that_there_is_not(depot, words, kind):
    told = depot.ask(*words, "--kind", kind)
    assert (told.code, told.out) == (2, "")
    assert "did you mean receive?" in told.err if kind else "--kind" in told.err


def test_a_file_is_left_as_it_is(depot, tmp_path):
    target = tmp_path / "receipts.csv"
    assert depot.ask("export", "csv", "--kind", "receive", "-o", target).code == 0
    before = target.read_bytes()
    assert depot.ask("export", "csv", "--kind", "recieve", "-o", target).code == 2
    assert target.read_bytes() == before


@pytest.mark.parametrize("words", ASKED)
def test_a_kind_that_there_is(depot, words):
    """The honest twin; of one that the chain has not, it is said that no entry was meant."""
    told = depot.ask(*words, "--kind", "receive")
    assert (told.code, told.err, told.out != "") == (0, "", True)
    told = depot.ask(*words, "--kind", "inventory")
    assert told.code == 0
    assert "none of the 5 entries is meant by these filters" in told.err


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("audit", "--code", "INV-INT"), "INV-INIT"),
        (("audit", "--severity", "hihg"), "high"),
        (("audit", "--fail-on", "Low"), "low"),
        (("holdings", "--status", "on-hand"), "on hand"),
        (("losses", "--cause", "stollen"), "stolen"),
        (("coverage", "--by", "units"), "unit"),
    ],
)
def test_every_closed_list_offers_the_nearest(depot, words, near, monkeypatch):
    told = depot.ask(*words)
    assert told.code == 2
    assert f"did you mean {near}?" in told.err
    monkeypatch.setenv("CHAINLOG_LANG", "uk")
    assert f"мабуть, {near}?" in depot.ask(*words).err


def test_who_signed(depot):
    """A holder's name is of a closed list, too: those who hold keys in the chain."""
    assert "did you mean holder 1?" in depot.ask("log", "--author", "hоlder 1").err
    assert depot.ask("log", "--author", "").code == 2
    assert depot.ask("log", "--author", "holder 1").out.count("\n") == 4
