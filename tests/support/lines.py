"""Texts whose lines are spoilt."""

from __future__ import annotations


def each_line_spoilt(data):
    """The text with a line left out, or twice, or an empty one before it; and which line it is."""
    lines = data.splitlines(keepends=True)
    for place in range(len(lines)):
        for spoilt in (
            [*lines[:place], *lines[place + 1 :]],
            [*lines[: place + 1], *lines[place:]],
            [*lines[:place], b"\n", *lines[place:]],
        ):
            yield place, b"".join(spoilt)
