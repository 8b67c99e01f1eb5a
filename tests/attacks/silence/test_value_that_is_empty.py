"""A script's variable is not set: `--party "$PARTY"` means a party without a name, `--type ""` all
types, and `--settings ""` those of whoever handed the ledger over. Nobody is called so.
"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "--party"),
        ("holdings", "--holder"),
        ("holdings", "--type"),
        ("holdings", "--place"),
        ("coverage", "--unit"),
        ("coverage", "--type"),
        ("unseen", "--type"),
        ("reconcile", "--document"),
        ("funds", "--currency"),
    ],
)
def test_nobody_is_called_so(depot, words):
    told = depot.ask(*words, "")
    assert f"{words[1]} ''" in told.err
    assert "looked at" in told.out
    assert depot.json(*words, "")["unmet"][0]["value"] == ""


def test_settings_without_a_name_are_no_settings(depot):
    depot.settings("init_days = 36500\n")
    assert depot.ask("audit", "--settings", "", "--fail-on", "low").code == 1


def test_nobody_rests_on_it(depot):
    assert depot.ask("audit", "--party", "", "--fail-on", "low").code == 4
    assert depot.ask("audit", "--item", "", "--fail-on", "low").code == 1


def test_the_variable_is_set(depot):
    """The honest twin."""
    assert depot.ask("audit", "--party", "Склад 7", "--fail-on", "low").code == 5
