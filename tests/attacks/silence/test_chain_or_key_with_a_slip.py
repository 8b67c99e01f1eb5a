"""The beginning of a chain's id is given with a slip, or with a Cyrillic letter; so is the name of
whoever holds a key. None of it was ever an all-clear: it is an error, which now says what looks
like it, so that nobody is left to guess.
"""

from __future__ import annotations

import pytest

from chainlog.ledger.config import read_ledger_file


@pytest.mark.parametrize("words", [("log", "--chain"), ("export", "jsonl", "--chain")])
def test_a_chain_with_a_slip(depot, words):
    chain = read_ledger_file(depot.folder).chain.hex()
    swapped = chain[:9] + ("0" if chain[9] != "0" else "1") + chain[10:16]
    told = depot.ask(*words, swapped)
    assert told.code == 1
    assert f"these look like it: {chain[:12]}" in told.err
    assert "by at least 8 characters" in depot.ask(*words, "zzzzzzzzz").err


def test_a_holder_with_a_cyrillic_letter(depot):
    told = depot.ask("exposure", "hоlder 1")
    assert told.code == 1
    assert "these look like it: holder 1" in told.err


def test_the_chain_and_the_holder_as_they_are(depot):
    """The honest twin."""
    chain = read_ledger_file(depot.folder).chain.hex()
    assert depot.ask("log", "--chain", chain[:8].upper()).code == 0
    assert depot.ask("exposure", "holder 1").code == 0
