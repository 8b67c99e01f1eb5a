"""A photograph lies beside the chain and cannot be read: the disk fails, or another thing is in
its place: 'holds' counted it among those that are not held, as if it had never come.
"""

from __future__ import annotations

import pytest
from support.chains import CLERK, transfer
from support.place import Place

from chainlog.events.event import Event
from chainlog.ledger.at_path import verify_path
from chainlog.verifier.report import Verdict


@pytest.fixture
def site(tmp_path):
    """A chain that names one photograph, which is held; gives the folder and the photograph."""
    place = Place(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8 a seal")
    with place.open(CLERK) as ledger:
        named = ledger.attach(tmp_path / "photo.jpg", "image/jpeg")
        ledger.append(Event.parse("transfer", transfer(9, attachments=[named])))
    return place.folder, next(one for one in place.folder.glob("blobs/??/*") if one.is_file())


@pytest.mark.parametrize("asked", [False, True])
def test_it_is_said(site, asked):
    folder, photo = site
    photo.unlink()
    photo.mkdir()
    report = verify_path(folder, all_attachments=asked)
    assert report.verdict is Verdict.CANNOT_TELL
    assert [(one.step, one.code, one.index) for one in report.missing] == [
        (10, "attachment-unreadable", 4)
    ]


def test_one_that_never_came_is_counted(site):
    folder, photo = site
    photo.unlink()
    report = verify_path(folder)
    assert (report.verdict, report.chains[0].attachments_absent) == (Verdict.HOLDS, 1)


def test_one_that_can_be_read_is_held(site):
    folder, _ = site
    report = verify_path(folder, all_attachments=True)
    assert (report.verdict, report.chains[0].attachments_held) == (Verdict.HOLDS, 1)
