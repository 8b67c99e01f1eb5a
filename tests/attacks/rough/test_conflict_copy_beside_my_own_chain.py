"""A service laid a copy beside the chain that is written here: whoever records, or looks at what
there is, learns of it before it is too late, and by one command takes what only the copy has.
"""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
from support.chains import CLERK
from support.command import run

from chainlog.ledger.signers.files import write_key

COPY = "00000000000000000000.sync-conflict-20261128-101500-ABCDEFG.seg"
TRANSFER = ("transfer", "--from", "Порт", "--to", "Склад 7", "--item", "1ABC2/M777/SN-9", "--yes")


@pytest.fixture
def mine(desk):
    write_key(desk.home / "key.pem", CLERK, None)
    return desk


def command_in(err):
    return re.search(r"what only it has: (.*)", err)[1]


@pytest.mark.parametrize("words", [TRANSFER, ("status",), ("status", "--json")])
def test_it_is_named(mine, words):
    (mine.chain_folder / COPY).write_bytes(mine.segment.read_bytes())
    told = run(*words, folder=mine.folder)
    assert told.code == 0, told
    assert "so Syncthing names a copy" in told.err
    assert "tampered" not in told.out + told.err


def test_by_one_command_what_only_it_has_is_taken(mine):
    mine.write(2, 50)
    (mine.chain_folder / COPY).write_bytes(mine.segment.read_bytes())
    ids = mine.ids()
    mine.segment.write_bytes(mine.older.read_bytes())
    told = run("status", folder=mine.folder)
    for command in command_in(told.err).split(" && "):
        program, *words = shlex.split(command)
        if program == "chainlog":
            assert run(*words, folder=mine.folder).code == 0
        else:
            subprocess.run([program, *words], check=True)
    assert mine.ids() == ids
    told = run("status", folder=mine.folder)
    assert (told.code, told.err) == (0, "")
    mine.goes_on(ids)


@pytest.mark.parametrize(
    "name", ["ledger (conflicted copy 2026-11-28).toml", f"blobs/ab/{'ab' * 32} (1)"]
)
def test_what_belongs_to_no_chain_is_named_too(mine, name):
    path = mine.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    told = run("status", folder=mine.folder)
    assert (told.code, name in told.err) == (0, True), told
    # It takes nothing from any chain.
    assert run("verify", mine.folder).code == 0


def test_without_one_nothing_is_said(mine):
    """The twin."""
    (mine.chain_folder / ".DS_Store").write_bytes(b"x")
    told = run("status", folder=mine.folder)
    assert (told.code, told.err) == (0, "")
