"""Three entries, in both copies."""

from __future__ import annotations

import shutil

import pytest
from attacks.twins.pair import Twins, event
from support.command import run

from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import read_key


@pytest.fixture
def twins(tmp_path, monkeypatch):
    """Three entries, in both copies."""
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert run("key", "new", "--no-passphrase").code == 0
    words = ("--origin", "example.org/own", "--site", "Склад 7", "--holder", "Олена")
    assert run("init", "first", *words).code == 0
    signer = read_key(tmp_path / "home" / "key.pem", bytes)
    with Ledger.open(tmp_path / "first", signer) as ledger:
        ledger.append_many([event(0), event(1)])
        chain = ledger.chain
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    return Twins(tmp_path, chain, signer)
