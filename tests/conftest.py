"""What all tests share: a home of their own, so that no test touches its runner's marks.

What takes long to make is made once for all workers: the demo, and the index of its authority.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import shutil

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from support import command

from chainlog.demo.build import build, read_seeds
from chainlog.index.index import Items
from chainlog.ledger.ledger import Ledger

settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("default")

_PURE = {"format", "events", "verifier", "custody", "audit"}
_MEMORY, _ROOM = "/dev/shm", 2 * 10**9


def pytest_configure():
    """What tests write stays in memory where there is room: what a disk does shows only after a
    power cut, and no test cuts the power. `PYTEST_DEBUG_TEMPROOT` names another place.
    """
    with contextlib.suppress(OSError):
        if shutil.disk_usage(_MEMORY).free > _ROOM:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _MEMORY)


def pytest_collection_modifyitems(items):
    """Marks that follow from what a test asks for; `slow` is also written at some.

    Coverage watches the quick tests of what it is asked of, and nothing else: a line of the pure
    core is shown by a test beside it, and the others run as fast as they can.
    """
    for item in items:
        if "demo_built" in item.fixturenames or item.path.parent.name == "demo":
            item.add_marker("demo")
        if {"subprocess", "pexpect"} & vars(item.module).keys():
            item.add_marker("process")
        if getattr(item.obj, "is_hypothesis_test", False):
            item.add_marker("slow")
        if not _is_of_pure_core(item.path) or item.get_closest_marker("slow"):
            item.add_marker("no_cover")


def _is_of_pure_core(path):
    folders = {path.parent.name, path.parent.parent.name}
    return not folders.isdisjoint(_PURE) or path.name == "test_errors.py"


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """Gives one folder after another. pytest, to number them, would list all that are there."""
    place = tmp_path_factory.mktemp("homes")
    return (place / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_home(homes, monkeypatch):
    home = next(homes)
    home.mkdir()
    monkeypatch.setenv("CHAINLOG_HOME", str(home))
    for name in ("CHAINLOG_LEDGER", "CHAINLOG_KEY", "CHAINLOG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(scope="session")
def shared(tmp_path_factory, worker_id):
    """The folder that the workers of a run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def demo_built(shared):
    """The demo, built once for all tests that look at it, whichever process they run in.

    They change nothing in it.
    """
    told = shared / "demo.pickle"
    with FileLock(shared / "demo.lock"):
        if not told.exists():
            told.write_bytes(pickle.dumps(build(shared / "demo", read_seeds())))
    return pickle.loads(told.read_bytes())


@pytest.fixture(scope="session")
def demo_home(demo_built, shared):
    """A home in which the demo's authority has its index; tests only read there."""
    home = shared / "demo-home"
    with (
        FileLock(shared / "demo-home.lock"),
        Ledger.open(demo_built.folder / "hq", marks=home / "marks") as ledger,
        Items.of(ledger),
    ):
        return home


@pytest.fixture
def hq(demo_built, demo_home, own_home):
    """The folder of the demo's authority, whose index is in the test's home already."""
    shutil.copytree(demo_home / "items", own_home / "items")
    return demo_built.folder / "hq"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command in an empty folder, with a home beside it; gives `code`, `out`, `err`."""
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def call(*words, stdin="", code=0):
        said = command.run(*words, stdin=stdin)
        assert said.code == code, said
        return said

    return call
