"""The courier withholds that there is a photograph, so that nobody even looks for the file.

With the field, the file comes.
"""

from __future__ import annotations

from hashlib import sha256

from attacks.fuller.desks import holds, site, withheld
from support.chains import CLERK, transfer

from chainlog.events.event import Event


def with_photo(tmp_path):
    depot = site(tmp_path, transfers=1)
    (tmp_path / "photo.jpg").write_bytes(b"a broken seal")
    with depot.opened(CLERK) as ledger:
        told = ledger.attach(tmp_path / "photo.jpg", "image/jpeg")
        ledger.append(Event.parse("transfer", transfer(5, attachments=[told])))
    return depot


def held(desk):
    with desk.opened() as ledger:
        return ledger.holds_attachment(sha256(b"a broken seal").digest())


def test_the_file_comes_with_its_field(tmp_path):
    depot, hub = with_photo(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "attachments"))
    assert not held(hub)
    said = hub.sync(stick)
    assert ("more is shown now: 1" in said.out, "attachments: 1 taken" in said.out) == (True, True)
    assert held(hub)
    assert holds(hub)


def test_the_file_comes_with_an_honest_copy(tmp_path):
    depot, hub = with_photo(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    assert held(hub)
