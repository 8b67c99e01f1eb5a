"""Who stands in the states that show hints."""

from __future__ import annotations

import pytest
from hints.way import Person


@pytest.fixture
def depot(tmp_path):
    """A depot that recorded a transfer."""
    person = Person(tmp_path)
    person.transfer()
    return person
