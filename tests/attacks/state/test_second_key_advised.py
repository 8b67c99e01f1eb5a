"""A new laptop: ledger and key were brought back, the key into the default place. Whoever records
is told to make a second key, which nobody granted anything: the hint must name the right one.
"""

from __future__ import annotations

import re
import shlex
import shutil

import pytest
from support.chains import CLERK, STRANGER
from support.command import run

from chainlog.ledger.signers.files import write_key

# Where it is taken (tests/hints).
pytestmark = pytest.mark.hint("make one: chainlog key new {path}")


def hinted(err):
    (found,) = re.findall(r"--key (.*)", err)
    return shlex.split(found)[0]


@pytest.mark.parametrize("marked", [False, True])
def test_the_key_in_the_default_place_is_named(scene, marked):
    if marked:
        name = f"{scene.chain.hex()}.mark"
        (scene.home / "marks").mkdir()
        shutil.copy(scene.base / "site" / "marks" / name, scene.home / "marks")
    scene.name_key("../keys/olena.pem")
    told = scene.transfer(folder=scene.stick)
    assert told.code == 1
    assert "key new" not in told.err
    shown = run("--key", hinted(told.err), "key", "show", folder=scene.stick)
    assert shown.out == scene.run("key", "show", scene.home / "key.pem").out


def test_with_a_passphrase_too(scene):
    (scene.home / "key.pem").unlink()
    write_key(scene.home / "key.pem", CLERK, b"secret")
    scene.name_key("../keys/olena.pem")
    assert hinted(scene.transfer(folder=scene.stick).err) == str(scene.home / "key.pem")


def test_where_a_stranger_named_one_that_is_there_ones_own_goes_first(scene):
    write_key(scene.stick / "key.pem", STRANGER, None)
    scene.name_key("key.pem")
    assert hinted(scene.transfer(folder=scene.stick).err) == str(scene.home / "key.pem")


def test_whoever_has_none_is_told_to_make_one(scene):
    """The honest twin: no ledger, no key."""
    (scene.home / "key.pem").unlink()
    told = scene.run("init", "new", "--origin", "a.example/b", "--site", "s", "--holder", "h")
    made = shlex.split(told.err.rpartition("chainlog ")[2])
    assert run(*made, "--no-passphrase", folder=scene.base).code == 0
