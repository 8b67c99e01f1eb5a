"""The seeds and their story: read, told and reckoned once for all tests of the demo."""

from __future__ import annotations

from pathlib import Path

import pytest
from independent.reckoning import reckon

from chainlog.demo.read import parse_seeds
from chainlog.demo.story import tell
from chainlog.demo.teller import milliseconds

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.fixture(scope="session")
def files():
    return {path.name: path.read_text(encoding="utf-8") for path in SEEDS.iterdir()}


@pytest.fixture(scope="session")
def seeds(files):
    return parse_seeds(files)


@pytest.fixture(scope="session")
def steps(seeds):
    return tell(seeds)


@pytest.fixture(scope="session")
def reckoned(seeds, steps):
    return reckon(seeds, steps, milliseconds(seeds.closing))
