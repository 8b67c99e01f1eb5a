"""Ledger and key come back from a backup, onto a machine that has no marks: what was recorded since
is with the hub. To write on would fork the chain, so it is compared first, or said to be the only
copy.
"""

from __future__ import annotations

import io
import re
import shlex
import shutil

import pytest
from support.chains import STRANGER
from support.command import run

from chainlog.errors import ReadOnlyError
from chainlog.events.event import Event
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.signers.files import read_key, write_key

WORDS = ("--from", "Порт", "--to", "Склад 7", "--item", "1ABC2/M777/SN-3", "--yes")
REFUSED = "it may be an older copy"


class Person(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def restored(scene):
    """The backup has two entries, the hub three."""
    folder = scene.own()
    scene.transfer(folder=folder)
    shutil.copytree(folder, scene.base / "backup")
    scene.transfer(folder=folder)
    hub = scene.base / "hub"
    words = ("--origin", "example.org/hub", "--site", "Хаб", "--holder", "Хаб")
    assert scene.run("init", hub, *words).code == 0
    assert scene.run("sync", folder, folder=hub).code == 0
    shutil.rmtree(folder)
    shutil.rmtree(scene.home / "marks")
    (scene.base / "backup").rename(folder)
    return folder


def size(folder):
    with Ledger.open(folder) as ledger:
        return ledger.head.size


# Where each way out is taken (tests/hints).
pytestmark = pytest.mark.hint(
    "compare it with whoever may hold more: chainlog {where}sync PATH; where nobody does, "
    "say so: chainlog {where}chain only-copy"
)


def ways_out(err):
    """The commands that the hint names."""
    hint = err.partition("hint: ")[2]
    return [shlex.split(one)[1:] for one in re.findall(r"chainlog .*?(?=;|$)", hint)]


@pytest.mark.parametrize(
    "words",
    [
        ("transfer", *WORDS),
        ("checkpoint",),
        ("chain", "close", "--reason", "moved", "--yes"),
        ("key", "revoke", "{key}", "--reason", "lost", "--yes"),
    ],
)
def test_it_is_not_written(scene, restored, words):
    key = scene.run("key", "show", scene.home / "key.pem").out.strip()
    words = [word.format(key=key) for word in words]
    before = scene.files(restored)
    told = scene.run("--key", scene.home / "key.pem", *words, folder=restored)
    assert (told.code, REFUSED in told.err) == (1, True), told
    assert scene.files(restored) == before


def test_nor_from_python(scene, restored):
    signer = read_key(scene.home / "key.pem", bytes)
    with Ledger.open(restored, signer) as ledger, pytest.raises(ReadOnlyError, match=REFUSED):
        ledger.append(Event.parse("chain.close", {"reason": "moved"}))
    assert size(restored) == 2


def test_status_says_so(scene, restored):
    told = scene.run("--key", scene.home / "key.pem", "status", folder=restored)
    assert "this may be an older copy" in told.out


def test_the_first_way_out_takes_what_is_missing(scene, restored):
    named = ("--key", scene.home / "key.pem")
    compare, _ = ways_out(scene.transfer(*named, folder=restored).err)
    compare[compare.index("PATH")] = scene.base / "hub"
    assert run(*compare).code == 0
    assert size(restored) == 3
    assert scene.transfer(*named, folder=restored).code == 0
    # It is the user's again, and the hub takes it without a fork.
    assert scene.transfer(folder=restored).code == 0
    assert scene.run("sync", restored, folder=scene.base / "hub").code == 0


def test_the_second_way_out_is_recorded(scene, restored):
    named = ("--key", scene.home / "key.pem")
    _, only = ways_out(scene.transfer(*named, folder=restored).err)
    before = scene.files(restored)
    assert run(*only, folder=scene.base).code == 0
    assert scene.files(restored) == before
    assert scene.transfer(*named, folder=restored).code == 0


@pytest.mark.parametrize(("answer", "written"), [("y\n", 3), ("n\n", 2)])
def test_a_person_is_asked(scene, restored, answer, written):
    named = ("--key", scene.home / "key.pem")
    told = scene.transfer(*named, folder=restored, stdin=Person(answer))
    assert "is this the only copy" in told.err
    assert size(restored) == written


def test_a_person_who_enters_is_asked(scene, restored):
    named = ("--key", scene.home / "key.pem")
    told = scene.run(*named, "enter", folder=restored, stdin=Person("n\n"))
    assert "is this the only copy" in told.err
    assert size(restored) == 2


@pytest.mark.parametrize("what", ["nothing", "an empty segment", "another chain"])
def test_whoever_has_nothing_of_it_settles_nothing(scene, restored, what):
    stick = scene.base / "other"
    shutil.copytree(scene.stick if what == "another chain" else restored, stick)
    for path in stick.glob("chains/*/*.seg") if what != "another chain" else ():
        path.write_bytes(b"")
        if what == "nothing":
            shutil.rmtree(path.parent)
    scene.run("sync", stick, folder=restored)
    told = scene.transfer("--key", scene.home / "key.pem", folder=restored)
    assert (told.code, REFUSED in told.err) == (1, True)


def test_nor_does_one_who_knows_of_more(scene, restored):
    """A stick has the old entries, and a checkpoint of the newer ones."""
    shutil.copytree(restored, scene.base / "other")
    hub, named = scene.base / "hub", ("--key", scene.home / "key.pem")
    shutil.copytree(hub, scene.base / "newest")
    chain = next((restored / "chains").iterdir()).name
    told = scene.base / "newest" / "ledger.toml"
    text = told.read_text(encoding="utf-8")
    told.write_text(re.sub('chain = "[0-9a-f]*"', f'chain = "{chain}"', text), encoding="utf-8")
    scene.run("chain", "only-copy", folder=scene.base / "newest")
    assert scene.run(*named, "checkpoint", folder=scene.base / "newest").code == 0
    shutil.rmtree(scene.home / "compared")
    shutil.rmtree(scene.home / "marks")
    shutil.rmtree(scene.home / "checkpoints")
    shutil.copytree(
        scene.base / "newest" / "chains" / chain / "checkpoints",
        scene.base / "other" / "chains" / chain / "checkpoints",
    )
    assert scene.run("sync", scene.base / "other", folder=restored).code == 4
    assert REFUSED in scene.transfer(*named, folder=restored).err


@pytest.fixture
def helper(scene, restored):
    """A helper was granted a key, which has no entries here; the marks are lost again."""
    write_key(scene.base / "helper.pem", STRANGER, None)
    key = scene.run("key", "show", scene.base / "helper.pem").out.strip()
    assert scene.run("chain", "only-copy", folder=restored).code == 0
    words = ("key", "grant", key, "--role", "custodian", "--holder", "Помічник", "--yes")
    assert scene.run("--key", scene.home / "key.pem", *words, folder=restored).code == 0
    shutil.copytree(restored, scene.base / "stick-of-the-depot")
    for name in ("marks", "compared"):
        shutil.rmtree(scene.home / name)
    return ("--key", scene.base / "helper.pem")


def test_a_key_that_was_granted_writes_no_more_in_a_copy_than_one_that_signed(
    scene, restored, helper
):
    """It may have signed since; that no entry of it is here says nothing."""
    told = scene.transfer(*helper, folder=restored)
    assert (told.code, REFUSED in told.err) == (1, True)
    assert size(restored) == 3


def test_whoever_was_handed_the_ledger_compares_it_once(scene, restored, helper):
    """The honest twin: a helper with a stick, and whoever signed before."""
    assert scene.run("sync", scene.base / "stick-of-the-depot", folder=restored).code == 0
    assert scene.transfer(*helper, folder=restored).code == 0
    assert scene.transfer("--key", scene.home / "key.pem", folder=restored).code == 0


def test_whoever_signs_checkpoints_alone_goes_on(scene, restored):
    """The honest twin: such a key forks nothing."""
    write_key(scene.base / "box.pem", STRANGER, None)
    key = scene.run("key", "show", scene.base / "box.pem").out.strip()
    assert scene.run("chain", "only-copy", folder=restored).code == 0
    words = ("key", "grant", key, "--role", "log", "--holder", "Скринька", "--yes")
    assert scene.run("--key", scene.home / "key.pem", *words, folder=restored).code == 0
    for name in ("marks", "compared"):
        shutil.rmtree(scene.home / name)
    assert scene.run("--key", scene.base / "box.pem", "checkpoint", folder=restored).code == 0


def test_an_older_copy_is_never_the_only_one(scene):
    """What was acknowledged on this machine and is not here, was held by somebody."""
    own = scene.own()
    shutil.copytree(own, scene.base / "older")
    assert scene.transfer(folder=own).code == 0
    told = scene.run("chain", "only-copy", folder=scene.base / "older")
    assert (told.code, "lacks entry 1" in told.err) == (1, True)
    assert scene.run("chain", "only-copy", folder=own).code == 0
