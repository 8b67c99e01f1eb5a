"""What all tests share: a home of their own, so that no test touches the marks of whoever runs
them.
"""

from __future__ import annotations

import pickle

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from chainlog.demo.build import build, read_seeds

settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path_factory.mktemp("home")))
    for name in ("CHAINLOG_LEDGER", "CHAINLOG_KEY", "CHAINLOG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def demo_built(tmp_path_factory, worker_id):
    """The demo, built once for all tests that look at it, whichever process they run in.

    They change nothing in it.
    """
    if worker_id == "master":
        return build(tmp_path_factory.mktemp("demo") / "demo", read_seeds())
    shared = tmp_path_factory.getbasetemp().parent
    told = shared / "demo.pickle"
    with FileLock(shared / "demo.lock"):
        if not told.exists():
            told.write_bytes(pickle.dumps(build(shared / "demo", read_seeds())))
    return pickle.loads(told.read_bytes())
