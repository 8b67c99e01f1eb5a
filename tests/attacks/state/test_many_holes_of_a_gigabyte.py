"""A stick's segment ends in hundreds of holes, a few bytes written after each; or there are many
such files. None is too large to be read, and all of them take hours. What is counted is all of a
file that was never written, and of a segment little of that is read.
"""

from __future__ import annotations

import os

import pytest

from chainlog.store.segment.files import chunks_of

HOLE = 2**30 - 2**20
TRANSFER = ("transfer", "--from", "A", "--to", "B", "--item", "1ABC2/M777/SN-9", "--yes")


def hollow(path, holes, size):
    """Add holes to a file, and a few bytes after each. Where the first begins, in whole blocks."""
    end = path.stat().st_size
    with path.open("r+b") as file:
        for number in range(1, holes + 1):
            os.pwrite(file.fileno(), b"x" * 4096, (end // 4096 + 1) * 4096 + number * size)
    return end


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("verify", "stick"), 4),
        (("--ledger", "stick", "audit"), 4),
        (("--ledger", "own", "sync", "stick"), 4),
    ],
)
def test_nobody_reads_them_all(scene, words, code):
    scene.own()
    (path,) = scene.stick.glob("chains/*/*.seg")
    hollow(path, 900, HOLE)
    with scene.within(30):
        told = scene.run(*words)
    assert told.code == code, told.err
    assert "has holes" in told.out + told.err


@pytest.mark.parametrize(
    "words",
    [("verify", "stick"), ("--ledger", "stick", "log"), ("--ledger", "own", "sync", "stick")],
)
def test_nor_one_in_each_of_many_files(scene, words):
    scene.own()
    (path,) = scene.stick.glob("chains/*/*.seg")
    for number in range(100):
        hollow_file = path.with_name(f"{4 + number:020d}.seg")
        hollow_file.touch()
        os.truncate(hollow_file, HOLE)
    with scene.within(30):
        scene.run(*words)


def test_what_stands_before_them_is_given(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"begin" * 1000)
    hollow(path, 900, HOLE)
    read = chunks_of(path)
    assert next(read).startswith(b"begin" * 1000)
    read.close()


def test_small_ones_are_read(scene):
    """The twin: of an image of a disk some parts were never written."""
    own = scene.own()
    image = scene.base / "disk.img"
    image.write_bytes(b"begin")
    hollow(image, 20, 2**16)
    assert scene.run("--ledger", "own", *TRANSFER, "--attach", "disk.img").code == 0
    (path,) = (own / "blobs").glob("*/*")
    image.replace(path)
    assert scene.run("verify", "--attachments", folder=own).code == 0
