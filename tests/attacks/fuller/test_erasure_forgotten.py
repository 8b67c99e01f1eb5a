"""The power goes after a sync took an erasure, and before it erased: the body stays, for good.

The next sync, which has nothing new to take, finishes it. It is not asked for the file either that
only the erased body names.
"""

from __future__ import annotations

from attacks.fuller.desks import holds, rewrite, site
from support.chains import CLERK, OWNER, transfer

from chainlog.events.event import Event
from chainlog.ledger.erase import erase


def erased(tmp_path):
    """A depot that erased its second entry, with a photo, and a hub that has it all."""
    depot, hub = site(tmp_path, transfers=0), site(tmp_path, "hub", transfers=0)
    (tmp_path / "face.jpg").write_bytes(b"a face")
    with depot.opened(CLERK) as ledger:
        told = ledger.attach(tmp_path / "face.jpg", "image/jpeg")
        entry = ledger.append(Event.parse("transfer", transfer(1, attachments=[told])))
    body = depot.records()[1].body
    with depot.opened(OWNER) as ledger:
        erase(ledger, [entry.id], "art. 17 GDPR")
    return depot, hub, body


def test_the_next_sync_finishes_it(tmp_path):
    depot, hub, body = erased(tmp_path)
    hub.sync(depot)
    rewrite(hub.folder, depot.chain, {1: body})
    said = hub.sync(depot)
    assert (said.code, "1 body that its owner had erased" in said.err) == (0, True)
    assert hub.records(depot.chain)[1].body == b""
    assert "erased" not in hub.sync(depot).err
    assert holds(hub)


def test_the_file_of_an_erased_body_is_not_fetched(tmp_path):
    """The depot's stick still has the body and the photo, beside the erasure."""
    depot, hub, body = erased(tmp_path)
    stick = depot.stick(tmp_path, "stick")
    rewrite(stick, depot.chain, {1: body})
    hub.sync(stick)
    assert hub.records(depot.chain)[1].body == b""
    assert list(hub.folder.glob("blobs/*/*")) == []


def test_what_was_not_erased_stays_with_its_file(tmp_path):
    depot, hub = site(tmp_path, transfers=0), site(tmp_path, "hub", transfers=0)
    (tmp_path / "seal.jpg").write_bytes(b"a seal")
    with depot.opened(CLERK) as ledger:
        told = ledger.attach(tmp_path / "seal.jpg", "image/jpeg")
        ledger.append(Event.parse("transfer", transfer(1, attachments=[told])))
    for _ in range(2):
        assert "erased" not in hub.sync(depot).err
    assert hub.records(depot.chain) == depot.records()
    assert len(list(hub.folder.glob("blobs/*/*"))) == 1
