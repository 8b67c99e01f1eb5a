"""What all tests share: a home of their own, so that no test touches the marks of whoever runs them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from chainlog.demo import build, read_seeds

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path_factory.mktemp("home")))
    for name in ("CHAINLOG_LEDGER", "CHAINLOG_KEY", "CHAINLOG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def demo_built(tmp_path_factory):
    """The demo, built once for all tests that look at it; they change nothing in it, and run on one worker (`xdist_group("demo")`)."""
    return build(tmp_path_factory.mktemp("demo") / "demo", read_seeds())
