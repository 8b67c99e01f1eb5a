"""An older copy of a ledger is put back, and with it goes the folder of the newest checkpoint.

Who works there remembers it beside the keys. Whoever takes from the folder could not know: with the
next sync it lies in the folder again, and goes on to the next one.
"""

from __future__ import annotations

import shutil

from attacks.fuller.desks import site
from support.chains import transfer


def test_what_is_remembered_is_handed_on(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    third = site(tmp_path, "third", transfers=0)
    old = hub.stick(tmp_path, "old")
    hub.sync(depot)
    hub.sync(depot)
    depot.tell("transfer", transfer(8))
    depot.checkpoint()
    hub.sync(depot)
    shutil.rmtree(hub.chain_folder(depot.chain) / "checkpoints")
    said = hub.sync(old)
    assert "checkpoints that only you remembered, now in this ledger: 1" in said.out
    assert len(list(hub.chain_folder(depot.chain).glob("checkpoints/*.checkpoint"))) == 1
    assert "1 checkpoint taken" in third.sync(hub).out
    assert "remembered" not in hub.sync(old).out


def test_what_nobody_signed_is_not(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    depot.checkpoint()
    place = hub.home / "checkpoints" / depot.chain.hex()
    place.mkdir(parents=True)
    (made,) = (depot.chain_folder() / "checkpoints").glob("*.checkpoint")
    text, lines = made.read_text().split("\n\n")
    unsigned = (
        text + "\n\n" + lines[:-9] + ("AAAAAAA=\n" if lines[-9:] != "AAAAAAA=\n" else "BBBBBBB=\n")
    )
    (place / made.name).write_text(unsigned)
    assert "remembered" not in hub.sync(site(tmp_path, "fuel")).out
    assert not (hub.chain_folder(depot.chain) / "checkpoints").exists()
