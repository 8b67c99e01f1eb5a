"""TOML from outside, read at a cost that is bounded by its length."""

from __future__ import annotations

import tomllib
from typing import Any, Final

# A reader goes down the whole name of a table for each line in it.
_PARTS_LIMIT: Final = 64


def parse_toml(text: str) -> dict[str, Any]:
    """The table in TOML `text`. Raises ValueError, also for names and values that go too deep."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.partition("=")[0].count(".") >= _PARTS_LIMIT:
            raise ValueError(f"A name of too many parts (at line {number})")
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))  # as Notepad saves it
    except RecursionError:
        raise ValueError("Too many arrays or tables in each other") from None
