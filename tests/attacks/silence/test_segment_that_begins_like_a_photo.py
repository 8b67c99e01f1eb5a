"""Whoever has the disk writes the first bytes of a photograph over a segment, so that the damage is
taken for a slip of the hand: 'cannot tell: this is a JPEG'. What lies within a chain, is named as a
segment is, or holds entries further on, claims to be a chain, and was tampered with.
"""

from __future__ import annotations

import json

import pytest

BEGINNINGS = [
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    b"\x89PNG\r\n\x1a\n",
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"\x84\xabattachments",
    b"<!DOCTYPE html>",
    b"-----BEGIN PRIVATE KEY-----\n",
]


def spoilt(depot, beginning):
    (segment,) = depot.folder.rglob("*.seg")
    data = segment.read_bytes()
    segment.write_bytes(beginning + data[len(beginning) :])
    return segment


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_segment_within_a_chain_stays_tampered(depot, beginning):
    segment = spoilt(depot, beginning)
    for path in (depot.folder, segment.parent, segment):
        told = depot.ask("verify", path, "--json")
        assert told.code == 3
        assert json.loads(told.out)["verdict"] == "tampered"
    assert depot.ask("verify").code == 3


@pytest.mark.parametrize("name", ["00000000000000000000.seg", "part.SEG"])
def test_so_does_one_by_its_name_alone(depot, tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)))
    assert depot.ask("verify", tmp_path / name).code == 3


@pytest.mark.parametrize("beginning", BEGINNINGS[:3])
def test_so_does_one_that_holds_entries(depot, tmp_path, beginning):
    (tmp_path / "handed-over").write_bytes(spoilt(depot, beginning).read_bytes())
    assert depot.ask("verify", tmp_path / "handed-over").code == 3


def test_a_photo_that_was_taken_of_a_paper(depot, tmp_path):
    """The honest twin: it never claimed to be a chain, wherever it lies."""
    photo = depot.folder / "photo.jpg"
    photo.write_bytes(BEGINNINGS[0])
    assert depot.ask("verify", photo).code == 4
    assert depot.ask("verify").code == 0
