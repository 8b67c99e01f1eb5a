"""What all tests share: a home of their own, so that no test touches the marks of whoever runs them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("default")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path_factory.mktemp("home")))
    for name in ("CHAINLOG_LEDGER", "CHAINLOG_KEY", "CHAINLOG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
