"""The name of a setting is misspelt: no default takes its place, and the right one is offered."""

from __future__ import annotations


def test_the_nearest_is_offered(depot):
    depot.settings('in_contry = ["Склад 7"]\n')
    told = depot.ask("audit", "--fail-on", "low")
    assert told.code == 1
    assert "did you mean in_country?" in told.err


def test_a_setting_as_it_is_called(depot):
    """The honest twin."""
    depot.settings('in_country = ["Склад 7"]\n')
    assert depot.ask("audit", "--fail-on", "low").code == 5
