"""A stick brings a key without a passphrase and names it: what a visitor records in passing is
signed in somebody else's name. A key is used only in a ledger that its user wrote, or after asking.
"""

from __future__ import annotations

import io

import pytest
from support.chains import CLERK, STRANGER
from support.command import run

from chainlog.ledger.signers.files import write_key


class Person(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def stick(scene):
    (scene.stick / "k").mkdir()
    write_key(scene.stick / "k" / "key.pem", CLERK, None)
    (scene.home / "key.pem").unlink()
    scene.name_key("k/key.pem")
    return scene.stick


def test_nothing_is_signed_with_it_unasked(scene, stick):
    before = scene.files()
    told = scene.transfer(folder=stick)
    assert (told.code, "--key" in told.err) == (1, True)
    assert scene.files() == before


def test_nor_where_the_person_says_no(scene, stick):
    before = scene.files()
    told = scene.transfer(folder=stick, stdin=Person("n\n"))
    assert told.code == 1
    assert "nothing was recorded in it from here" in told.err
    assert scene.files() == before


def test_it_is_not_opened_to_look(scene, stick):
    told = scene.run("status", "--json", folder=stick).out
    assert '"id": null' in told
    assert "only this ledger names it" in told


def test_whoever_looks_at_a_key_is_shown_their_own_and_not_asked(scene, stick):
    write_key(scene.home / "key.pem", STRANGER, None)
    told = scene.run("key", "show", folder=stick, stdin=Person(""))
    assert (told.code, told.err) == (0, "")
    assert told.out == scene.run("key", "show", scene.home / "key.pem").out


def test_the_hint_says_what_to_name(scene, stick):
    hint = scene.transfer(folder=stick).err.rpartition("--key ")[2].strip()
    assert run("--key", hint, "status", folder=stick).code == 0


def test_ones_own_ledger_is_written_unasked(scene):
    """The honest twin: the ledger names the key that it was made with."""
    own = scene.own()
    assert scene.transfer(folder=own).code == 0
