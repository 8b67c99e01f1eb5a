"""In the user's own folder stands a pipe, a device, a loop or a hole where a mark, a verified note
or a key was: whoever asks is told so, and waits for nothing.
"""

from __future__ import annotations

import os

import pytest


def zeros(path):
    path.symlink_to("/dev/zero")


def loop(path):
    path.symlink_to(path.name)


def hole(path):
    path.touch()
    os.truncate(path, 2**40)


STANDS = pytest.mark.parametrize("stands", [os.mkfifo, zeros, loop, hole])


@STANDS
def test_a_mark(scene, stands):
    own = scene.own()
    (mark,) = (scene.home / "marks").glob("*.mark")
    mark.unlink()
    stands(mark)
    with scene.within(20):
        for words in (("status",), ("audit",), ("log",)):
            assert isinstance(scene.run(*words, folder=own).code, int)
        told = scene.transfer(folder=own)
    assert (told.code, str(mark) in told.err) == (1, True)


@STANDS
def test_a_verified_note(scene, stands):
    own = scene.own()
    assert scene.run("verify", "--resume", folder=own).code == 0
    (note,) = (scene.home / "verified").iterdir()
    note.unlink()
    stands(note)
    with scene.within(20):
        told = scene.run("verify", "--resume", folder=own)
    assert told.code == 0
    assert "is verified from its beginning" in told.err


@STANDS
def test_a_key(scene, stands):
    own = scene.own()
    (scene.home / "key.pem").unlink()
    stands(scene.home / "key.pem")
    with scene.within(20):
        assert scene.run("verify", "--resume", folder=own).code == 1
        assert scene.run("status", folder=own).code == 0


def test_a_true_one_is_read(scene):
    """The twin: a mark, a note and a key that lie elsewhere, behind links that lead to them."""
    own = scene.own()
    assert scene.run("verify", "--resume", folder=own).code == 0
    for path in [*(scene.home / "marks").glob("*.mark"), *(scene.home / "verified").iterdir()]:
        there = scene.base / path.name
        path.rename(there)
        path.symlink_to(there)
    assert scene.run("verify", "--resume", folder=own).code == 0
    assert scene.transfer(folder=own).code == 0
