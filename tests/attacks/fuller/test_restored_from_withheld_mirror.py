"""A site's disk burns, and it restores itself from a mirror that was fed a withheld copy.

So it loses its own words: its last backup, or the stick of anybody, must bring them back, while the
site stands at its mark and goes on writing.
"""

from __future__ import annotations

import shutil

from attacks.fuller.desks import holds, site, withheld
from support.chains import transfer


def test_its_own_words_come_back(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    backup = depot.stick(tmp_path, "backup")
    depot.tell("transfer", transfer(9, note="the last one"))
    written, stick = depot.records(), depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "note"))
    for path in depot.chain_folder().glob("*"):
        path.unlink()
    shutil.copytree(hub.chain_folder(depot.chain), depot.chain_folder(), dirs_exist_ok=True)
    assert depot.fields(1).get("note") is None
    assert "more is shown now: 3" in depot.sync(backup).out
    assert depot.fields(1)["note"] == "note 0"
    assert depot.fields(4).get("note") is None
    assert "more is shown now: 1" in depot.sync(stick).out
    assert depot.records() == written
    depot.tell("transfer", transfer(10))
    assert holds(depot)


def test_from_an_honest_mirror_it_has_them_at_once(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    backup, written = depot.stick(tmp_path, "backup"), depot.records()
    hub.sync(backup)
    shutil.rmtree(depot.chain_folder())
    assert depot.sync(hub).code == 0
    assert depot.records() == written
    assert "up to date" in depot.sync(backup).out
