"""A command is run twice over a ledger that is damaged: its second answer is the first.

One that succeeds in part says each time what it could not do.
"""

from __future__ import annotations

import pytest
from attacks.damage.disks import WAYS, Disk, pair
from support.chains import OWNER

from chainlog.ledger.signers.files import write_key

AT = 5
ASKED = (
    ["verify"],
    ["log", "--json"],
    ["holdings"],
    ["audit", "--as-of", "2023-06-01"],
    ["trace", "1ABC2/M777/SN-2"],
    ["erase", "--carry-out"],
    ["checkpoint"],
)


@pytest.mark.parametrize("way", [None, *WAYS])
def test_the_same_state_gives_the_same_answer(tmp_path, monkeypatch, way):
    depot, hub = pair(tmp_path)
    write_key(tmp_path / "key.pem", OWNER, None)
    monkeypatch.setenv("CHAINLOG_KEY", str(tmp_path / "key.pem"))
    if way is not None:
        for desk in (depot, hub):
            getattr(Disk(desk, depot.chain), way)(AT)
    asked = [*ASKED, ["export", "csv", "-o", tmp_path / "out"], ["sync", hub.folder]]
    depot.run("sync", hub.folder)  # the hub's own chain is new the first time
    first = [depot.run(*words) for words in asked]
    again = [depot.run(*words) for words in asked]
    assert [(one.code, one.out) for one in first] == [(one.code, one.out) for one in again]
    codes = {words[0]: one.code for words, one in zip(asked, again, strict=True)}
    assert (codes["verify"], codes["export"] != 0) == ((0, False) if way is None else (3, True))
