"""Hints of evidence that would prove nothing to whoever gets it: what is lacking is taken."""

from __future__ import annotations

import pytest
from hints.way import Person

from chainlog.ledger.ledger import Ledger

PROVES_NOTHING = (
    "get what is missing, such as with 'chainlog sync PATH'; --unwitnessed makes it all the same"
)
NO_AUTHORITY = "take it from a ledger that holds it: chainlog sync PATH"


@pytest.fixture
def programme(tmp_path):
    """An authority with a witness, and a site whose checkpoints it cosigned, which holds both."""
    hq = Person(tmp_path, "hq")
    key = tmp_path / "w1.pem"
    made = hq.run("witness", "new", key, "--name", "hub.example/w1", "--no-passphrase")
    site = Person(tmp_path, "site", programme=hq.chain)
    site.transfer()
    for words in (
        ("witness", "admit", made.out.strip()),
        ("site", "admit", site.chain, "--origin", "aid.example/site"),
    ):
        assert hq.at(*words, "--yes").code == 0
    for one in (hq, site):
        one.at("checkpoint")
    assert hq.at("sync", site.folder).code == 0
    assert hq.run("--ledger", hq.folder, "--key", key, "witness", "cosign").code == 0
    return hq, site


def make(person, site, file):
    return person.at("evidence", "make", site.entries()[1]["id"], "-o", file)


@pytest.mark.hint(NO_AUTHORITY)
def test_the_authority_s_chain_is_taken(programme, tmp_path):
    hq, site = programme
    told = make(site, site, tmp_path / "made")
    assert told.code
    assert site.go(told, NO_AUTHORITY, PATH=hq.folder).code == 0
    assert make(site, site, tmp_path / "made").code == 0


@pytest.mark.hint(PROVES_NOTHING)
def test_what_an_entry_says_is_taken(programme, tmp_path):
    """Somebody dropped it from the authority's copy."""
    hq, site = programme
    chain = bytes.fromhex(site.chain)
    with Ledger.open(hq.folder) as ledger:
        ledger.engine.replace(chain, ledger.engine.prepare(chain), {1: b""})
    told = make(hq, site, tmp_path / "made")
    assert told.code
    assert hq.go(told, PROVES_NOTHING, PATH=site.folder).code == 0
    assert make(hq, site, tmp_path / "made").code == 0
