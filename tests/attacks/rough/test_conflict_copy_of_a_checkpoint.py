"""Of two devices that kept a checkpoint, or a fork, one finds its file under another name: what it
promises or proves is not compared with the chain.
"""

from __future__ import annotations

import json
import shlex
import shutil

import pytest
from support.command import run

PROMISE = "checkpoint.sync-conflict-20261128-101500-ABCDEFG"


@pytest.fixture
def rolled(desk):
    """The chain was rolled back, and the checkpoint that would tell has another name."""
    desk.write(2, 50)
    desk.make()
    (path,) = (desk.chain_folder / "checkpoints").glob("*.checkpoint")
    copy = path.with_name(f"{path.stem}.sync-conflict-20261128-101500-ABCDEFG.checkpoint")
    data = path.read_bytes()
    desk.back_to(desk.backup)
    copy.parent.mkdir()
    copy.write_bytes(data)
    shutil.rmtree(desk.home / "checkpoints")
    return desk


def test_it_is_named_and_what_to_do(rolled):
    told = json.loads(run("verify", rolled.folder, "--json").out)
    assert told["verdict"] == "cannot tell"
    (missing,) = (one for one in told["missing"] if one["code"] == "conflict-copy")
    words = shlex.split(missing["message"].partition("chainlog ")[2])
    # The command that it names finds that the chain was rolled back.
    assert "chain-rollback" in run(*words, folder=rolled.folder).out


def test_nor_is_a_fork_passed_over(desk):
    name = f"{2:020d}-{'ab' * 32}-{'cd' * 32} (conflicted copy 2026-11-28).fork"
    (desk.chain_folder / "conflicts").mkdir()
    (desk.chain_folder / "conflicts" / name).write_bytes(b"x")
    told = run("verify", desk.folder)
    assert (told.code, "may show a fork" in told.out) == (4, True), told


def test_under_its_own_name_it_is_compared(rolled):
    """The twin."""
    (copy,) = (rolled.chain_folder / "checkpoints").iterdir()
    copy.rename(copy.with_name(copy.name.replace(".sync-conflict-20261128-101500-ABCDEFG", "")))
    assert run("verify", rolled.folder).code == 3
