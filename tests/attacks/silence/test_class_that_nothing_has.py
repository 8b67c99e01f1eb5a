"""What is monitored is given by a class with a letter O, and by a type with a Cyrillic letter:
nothing is, and nobody has to look at anything.
"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("setting", "value", "like"),
    [("monitored_classes", "1O25", "1025010000001"), ("monitored_types", "hоwitzer", "howitzer")],
)
def test_what_is_monitored_is_nothing(depot, setting, value, like):
    depot.settings(f'{setting} = ["{value}"]\n')
    told = depot.ask("audit", "--code", "ID-WEAK", "--fail-on", "low")
    assert told.code == 4
    assert like in told.err
    (unmet,) = depot.json("unseen")["unmet"]
    assert (unmet["name"], unmet["value"], unmet["like"]) == (setting, value, [like])


@pytest.mark.parametrize("told", ['monitored_classes = ["1025"]', 'monitored_types = ["howitzer"]'])
def test_what_is_monitored_is_there(depot, told):
    """The honest twin."""
    depot.settings(told)
    answer = depot.ask("audit", "--code", "ID-WEAK", "--fail-on", "low")
    assert (answer.code, answer.err) == (0, "")
