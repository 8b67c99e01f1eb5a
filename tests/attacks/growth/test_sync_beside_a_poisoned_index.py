"""The index of a hub's copy has other ids than the records; a stick brings the true checkpoint.

The hub does not say that the site forked its chain: the checkpoint fits the records.
"""

from __future__ import annotations

import shutil

import pytest
from attacks.growth.yard import Yard
from support.command import run

from chainlog.format.note import parse_note
from chainlog.ledger.checkpoints import keep
from chainlog.ledger.ledger import Ledger


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A copy of what lies on the stick, without the newest checkpoint."""
    yard = Yard(tmp_path / "hub")
    shutil.copytree(yard.folder, tmp_path / "stick")
    monkeypatch.setenv("CHAINLOG_HOME", str(yard.home))
    return yard


def synced(yard, tmp_path, data):
    with Ledger.open(tmp_path / "stick", marks=tmp_path / "other" / "marks") as stick:
        keep(stick, yard.chain, parse_note(data))
    return run("sync", "--workers", "1", tmp_path / "stick", folder=yard.folder)


def test_the_site_is_not_accused(hub, tmp_path):
    data = hub.signed()
    hub.poison_index()
    said = synced(hub, tmp_path, data)
    assert (said.code, "1 checkpoint taken" in said.out, "OTHER" in said.out) == (0, True, False)


def test_who_signed_two_histories_is(hub, tmp_path):
    data = hub.signed(root=b"r" * 32)
    hub.poison_index()
    assert synced(hub, tmp_path, data).code == 3
