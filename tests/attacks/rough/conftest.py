"""The desk, for every file here."""

from __future__ import annotations

import pytest
from attacks.rough.desk import Desk


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A site of four entries, and a backup of it."""
    return Desk(tmp_path, monkeypatch)
