"""A courier hands over a folder, in which the auditor begins a ledger. It says how that begins:
with a chain that the auditor wrote elsewhere, which would fork, or with an entry that nobody
signed, over which nothing would ever hold. What is begun where is the user's own to know.
"""

from __future__ import annotations

import os
import shutil

import pytest
from support.chains import CLERK, opening

from chainlog.format.body import SALT_BYTES
from chainlog.format.record import format_record
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.seal import seal_opening
from chainlog.store.segment.raw import CHAINS

WORDS = ("--origin", "example.org/own", "--site", "Бюро", "--holder", "Ревізор")
LEFT = ".ledger.toml.begun"


@pytest.fixture
def folder(scene):
    (scene.base / "given").mkdir()
    return scene.base / "given"


def begins(scene, folder):
    told = scene.run("init", folder, *WORDS)
    assert told.code == 0, told.err
    with Ledger.open(folder) as ledger:
        assert ledger.verify().holds_by_itself(ledger.chain.hex())
    assert scene.run("verify", folder=folder).code == 0
    return told.out.strip()


def test_not_with_a_chain_of_theirs_from_elsewhere(scene, folder, monkeypatch):
    own = scene.own()
    assert scene.transfer(folder=own).code == 0
    with Ledger.open(own) as ledger:
        record, chain = next(ledger.engine.read(ledger.chain)), ledger.chain.hex()
    (folder / LEFT).write_bytes(format_record(record.entry, record.body))
    shutil.copytree(own / CHAINS, folder / CHAINS)
    # On a new machine, which knows nothing but the key.
    shutil.copytree(scene.home, scene.base / "new", ignore=lambda *_: ["marks", "copies"])
    monkeypatch.setenv("CHAINLOG_HOME", str(scene.base / "new"))
    assert begins(scene, folder) != chain


def test_not_with_an_entry_that_nobody_signed(scene, folder):
    given = opening(keys=[(CLERK, ["owner", "log", "custodian"])])
    given |= {"origin": "example.org/own", "site": "Бюро", "holders": [{"name": "Ревізор"}]}
    entry, body = seal_opening(given, CLERK, 1, b"s" * SALT_BYTES)
    raw = entry.raw[:-1] + bytes([entry.raw[-1] ^ 1])
    (folder / LEFT).write_bytes(format_record(raw, body))
    begins(scene, folder)


def test_nor_by_a_pipe(scene, folder):
    os.mkfifo(folder / LEFT)
    with scene.within(10):
        begins(scene, folder)


def test_an_empty_folder_will_do(scene, folder):
    """The honest twin."""
    begins(scene, folder)
