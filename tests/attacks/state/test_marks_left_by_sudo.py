"""Somebody ran the command once with sudo: what it left in the user's home belongs to root, and the
hint named a variable that has no effect. Each way out that is shown leads out.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.command import run

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave files of root's")


def as_nobody(*words, folder):
    """The command in a child without root's rights."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(folder)
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            told = json.dumps(vars(run(*words)))
        except BaseException as error:  # noqa: BLE001  (told to the test)
            told = json.dumps({"code": repr(error), "err": "", "out": ""})
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return SimpleNamespace(**json.loads(told))


@pytest.fixture
def left(scene, monkeypatch):
    """A ledger that nobody may write in, in a place that others may enter; its key beside it."""
    with tempfile.TemporaryDirectory() as place:
        base = Path(place)
        base.chmod(0o755)
        monkeypatch.setenv("CHAINLOG_HOME", str(base / "home"))
        run("key", "new", "--no-passphrase", folder=base)
        words = ("--origin", "example.org/own", "--site", "Бюро", "--holder", "Ревізор")
        assert run("init", base / "own", *words, folder=base).code == 0
        for path in [base, *base.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        yield base


def hinted(told):
    """The command that the hint shows, as the user's shell reads it, run with root's rights."""
    command = re.search(r"sudo (chown .*)", told.err)[1].replace("$(id -u)", str(NOBODY))
    subprocess.run(["sh", "-c", command], check=True)


@needs_root
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o000])
def test_the_hint_leads_out(scene, left, mode):
    marks = left / "home" / "marks"
    for path in marks.iterdir():
        os.chown(path, 0, 0)
        path.chmod(mode)
    os.chown(marks, 0, 0)
    told = recorded(left)
    assert told.code == 1, told
    hinted(told)
    for path in marks.iterdir():
        path.chmod(0o600)
    assert recorded(left).code == 0


@needs_root
def test_with_a_folder_that_cannot_be_entered(scene, left):
    marks = left / "home" / "marks"
    os.chown(marks, 0, 0)
    marks.chmod(0o700)
    told = recorded(left)
    assert told.code == 1, told
    hinted(told)
    assert recorded(left).code == 0


@needs_root
def test_nothing_was_left(scene, left):
    """The honest twin."""
    assert recorded(left).code == 0


def test_a_damaged_mark_is_removed_and_the_copy_compared(scene):
    """What the hint says removes it; then the next hint says how to go on."""
    own = scene.own()
    (mark,) = (scene.home / "marks").iterdir()
    mark.write_bytes(b"damaged")
    told = scene.transfer(folder=own)
    assert told.code == 1
    subprocess.run(["sh", "-c", re.search(r"rm .*", told.err)[0]], check=True)
    named = ("--key", scene.home / "key.pem")
    told = scene.transfer(*named, folder=own)
    assert (told.code, "chain only-copy" in told.err) == (1, True)
    assert scene.run("chain", "only-copy", folder=own).code == 0
    assert scene.transfer(*named, folder=own).code == 0


def recorded(base):
    words = ("--from", "Порт", "--to", "Бюро", "--item", "1ABC2/M777/SN-9", "--yes")
    return as_nobody("transfer", *words, folder=base / "own")
