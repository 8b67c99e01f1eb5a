"""`prove` of an entry that no checkpoint covers signs one first: over a flipped bit it does not."""

from __future__ import annotations

import pytest
from attacks.growth.yard import SIZE, Yard
from support.chains import OWNER
from support.command import run

from chainlog.format.proof import parse_proof
from chainlog.ledger.signers.files import write_key


@pytest.fixture
def site(tmp_path, monkeypatch):
    yard = Yard(tmp_path)
    write_key(yard.home / "key.pem", OWNER, None)
    monkeypatch.setenv("CHAINLOG_HOME", str(yard.home))
    monkeypatch.setenv("CHAINLOG_KEY", str(yard.home / "key.pem"))
    return yard


def proof(yard):
    return run("prove", yard.ids()[SIZE - 1].hex(), folder=yard.folder)


def test_nothing_is_signed(site):
    site.flip_time(7)
    said = proof(site)
    assert (said.code, said.out) == (1, "")
    assert "entry 7 does not hold" in said.err
    assert max(int(one.name[:20]) for one in site.folders[0].glob("*.checkpoint")) < SIZE


def test_over_a_whole_chain_it_is(site):
    said = proof(site)
    assert (said.code, parse_proof(said.out.encode()).index) == (0, SIZE - 1)
