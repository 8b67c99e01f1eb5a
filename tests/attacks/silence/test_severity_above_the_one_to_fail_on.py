"""A nightly job fails on what is low or worse, and shows what is critical: `--severity` leaves out
what `--fail-on` looks for, and the job never fails. So it does with a `--code` that is never so
bad. What cannot fail is an error.
"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "words",
    [
        ("--severity", "critical", "--fail-on", "low"),
        ("--severity", "high", "--fail-on", "medium"),
        ("--code", "TIME-LATE", "--fail-on", "high"),
    ],
)
def test_what_cannot_fail_is_an_error(depot, words):
    told = depot.ask("audit", *words)
    assert (told.code, told.out) == (2, "")
    assert "leaves out what --fail-on looks for" in told.err


@pytest.mark.parametrize(
    "words",
    [
        ("--severity", "low", "--fail-on", "critical"),
        ("--severity", "high", "--fail-on", "high"),
        ("--code", "TIME-LATE", "--fail-on", "low"),
        ("--code", "time-late", "--code", "INV-INIT", "--fail-on", "high"),
    ],
)
def test_what_can_fail_fails(depot, words):
    """The honest twin."""
    assert depot.ask("audit", *words).code == 5
