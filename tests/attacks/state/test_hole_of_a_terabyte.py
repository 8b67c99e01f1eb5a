"""A stick has a segment or an attachment of a terabyte, and none of it was ever written: a hole
costs nothing to make, and hours to read. It is said to be one; what it cannot tell is not told.
"""

from __future__ import annotations

import os

import pytest

TERABYTE = 2**40
TRANSFER = ("transfer", "--from", "A", "--to", "B", "--item", "1ABC2/M777/SN-9", "--yes")


def segment(scene):
    """The stick's only segment."""
    (path,) = scene.stick.glob("chains/*/*.seg")
    return path


@pytest.mark.parametrize("kept", [0, 200])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("verify", "stick"), 4),
        (("--ledger", "stick", "audit"), 4),
        (("--ledger", "own", "sync", "stick"), 4),
    ],
)
def test_nobody_reads_it_to_the_end(scene, words, code, kept):
    scene.own()
    path = segment(scene)
    os.truncate(path, kept)
    os.truncate(path, TERABYTE)
    with scene.within(30):
        told = scene.run(*words)
    assert told.code == code, told.err
    assert "has holes" in told.out + told.err


def attached(scene, size):
    """The auditor's own ledger, in which a file of so many bytes that were never written is kept
    and named; and where it is kept.
    """
    own = scene.own()
    (scene.base / "disk.img").touch()
    os.truncate(scene.base / "disk.img", size)
    assert scene.run("--ledger", "own", *TRANSFER, "--attach", "disk.img").code == 0
    (path,) = (own / "blobs").glob("*/*")
    return own, path


def test_nor_an_attachment(scene):
    own, path = attached(scene, 2**10)
    os.truncate(path, TERABYTE)
    with scene.within(30):
        assert scene.run("verify", "--attachments", folder=own).code == 4


def test_a_small_hole_is_read(scene):
    """The twin: an image of a disk, most of which was never written, is kept, copied, and holds."""
    own, path = attached(scene, 2**24)
    path.unlink()
    (scene.base / "disk.img").rename(path)
    assert scene.run("verify", "--attachments", folder=own).code == 0
