"""A depot's keeper writes what should not be seen under a name with one Latin letter: whoever asks
for the depot sees all but that, and nothing is missing to the eye. The name is there, so the answer
stands; it is said that a name which looks the same is left out.
"""

from __future__ import annotations

import pytest
from support.chains import CLERK

from chainlog.events.event import Event
from chainlog.ledger.ledger import Ledger

DOUBLE = "Cклад 7"


@pytest.fixture
def doubled(depot, own_home):
    with Ledger.open(depot.folder, CLERK, marks=own_home / "marks") as ledger:
        lines = [{"item": {"maker": "1ABC2", "part": "M777", "serial": "HW-1"}}]
        told = {"event_time": "2023-03-05T08:00:00Z", "from": "Склад 7", "to": DOUBLE}
        ledger.append(Event.parse("transfer", {**told, "lines": lines}))
    return depot


@pytest.mark.parametrize(
    "words", [("audit", "--party"), ("holdings", "--holder"), ("unseen", "--holder")]
)
def test_the_name_that_is_left_out_is_said(doubled, words):
    told = doubled.ask(*words, "Склад 7")
    assert told.code == 0
    assert f"leaves out {DOUBLE!r}, which looks like it" in told.err
    assert "LATIN CAPITAL LETTER C there" in told.err
    assert "looked at" not in told.out
    (unmet,) = doubled.json(*words, "Склад 7")["unmet"]
    assert (unmet["occurs"], unmet["like"]) == (True, [DOUBLE])


def test_settings_that_name_one_of_two(doubled):
    doubled.settings('in_country = ["Склад 7"]\n')
    assert f"leaves out {DOUBLE!r}" in doubled.ask("audit", "--fail-on", "low").err
    doubled.settings(f'in_country = ["Склад 7", "{DOUBLE}"]\n')
    assert doubled.ask("audit").err == ""


def test_one_name_alone(depot):
    """The honest twin."""
    assert depot.ask("holdings", "--holder", "Склад 7").err == ""
