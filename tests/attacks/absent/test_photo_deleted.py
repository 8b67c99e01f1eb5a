"""Whoever has the disk deletes the photograph of a broken seal: no signature covers the file, and
plain `verify` only counted it, below a first line that said 'holds'.
"""

from __future__ import annotations

import json

import pytest
from attacks.absent.first_line import verdict
from attacks.fuller.desks import site
from support.chains import CLERK, transfer

from chainlog.events.event import Event

PHOTOS = [f"seal {number}".encode() for number in range(5)]


@pytest.fixture
def depot(tmp_path):
    """Each of five transfers names a photograph; gives the desk and the files."""
    desk = site(tmp_path, transfers=0)
    with desk.opened(CLERK) as ledger:
        for number, data in enumerate(PHOTOS):
            (tmp_path / "photo.jpg").write_bytes(data)
            told = ledger.attach(tmp_path / "photo.jpg", "image/jpeg")
            ledger.append(Event.parse("transfer", transfer(number, attachments=[told])))
    return desk


def photos(desk):
    """The files, by the data in them."""
    files = [path for path in desk.folder.glob("blobs/*/*") if path.is_file()]
    return {path.read_bytes(): path for path in files}


def test_it_is_named_with_its_entry(depot):
    photo = photos(depot)[PHOTOS[2]]
    photo.unlink()
    said = f"file {photo.name[:8]} of aid.example/depot entry 3"
    assert verdict(depot) == (0, f"holds (full), without {said}")
    assert verdict(depot, "--attachments")[0] == 4
    (absent,) = json.loads(depot.run("verify", "--json").out)["without"]
    assert (absent["index"], absent["step"], absent["code"]) == (3, 10, "attachment-absent")
    assert absent["params"]["digest"] == photo.name


@pytest.mark.parametrize("language", ["en", "uk"])
def test_of_many_the_first_are_named_and_the_rest_follows(depot, language, monkeypatch):
    monkeypatch.setenv("CHAINLOG_LANG", language)
    for photo in photos(depot).values():
        photo.unlink()
    first, *rest = depot.run("verify").out.splitlines()
    assert len(first) <= 80
    assert first.endswith(" and 4 more" if language == "en" else ", ще 4")
    named = [line for line in rest if "attachment-absent" in line]
    assert len(named) == 5


def test_where_all_are_here_all_holds(depot):
    """The honest twin."""
    assert verdict(depot) == (0, "holds (full)")
