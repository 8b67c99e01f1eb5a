"""The folder of a chain was copied to where one lay, and got another name: the copy may hold more,
and nobody looks there.
"""

from __future__ import annotations

import json
import shlex
import shutil

import pytest
from support.command import run


@pytest.mark.parametrize("ending", [" (1)", " - Copy", " (conflicted copy 2026-11-28)"])
def test_it_is_named(desk, ending):
    beside = desk.chain_folder.with_name(desk.chain_folder.name + ending)
    desk.write(1, 50)
    shutil.copytree(desk.chain_folder, beside)
    shutil.rmtree(desk.chain_folder)
    shutil.copytree(desk.older.parent, desk.chain_folder)
    told = json.loads(run("verify", desk.folder, "--json").out)
    assert told["verdict"] == "cannot tell"
    (missing,) = (one for one in told["missing"] if one["code"] == "conflict-copy")
    words = shlex.split(missing["message"].partition("chainlog ")[2])
    shown = run(*words)
    assert (shown.code, "5" in shown.out) == (0, True), shown


def test_nor_is_it_passed_over_where_it_is_all_that_is_left(desk):
    desk.chain_folder.rename(desk.chain_folder.with_name(desk.chain_folder.name + " (1)"))
    (desk.folder / "ledger.toml").unlink()
    told = json.loads(run("verify", desk.folder, "--json").out)
    assert told["verdict"] == "cannot tell"
    assert "conflict-copy" in {one["code"] for one in told["missing"]}


def test_a_folder_of_something_else_is_nothing(desk):
    """The twin."""
    (desk.folder / "chains" / "photos (1)").mkdir()
    assert run("verify", desk.folder).code == 0
