"""A programme's `audit.toml` came out of a text editor: in `in_country` a no-break space stands in
the name of the depot. Nobody arrives in the country any more, and all that nobody looked at is in
order. It is said which name nothing here has, and what looks like it; whoever rests on the answer
is told that nobody can tell.
"""

from __future__ import annotations

import pytest

ASKED = ("audit", "--code", "INV-INIT", "--fail-on", "high")


@pytest.mark.parametrize("setting", ["in_country", "programme_parties"])
def test_it_is_said_and_nobody_rests_on_it(depot, setting):
    depot.settings(f'{setting} = ["Порт", "Склад\\u00a07"]\n')
    told = depot.ask("audit", "--code", "LOSS-LATE", "--fail-on", "low")
    assert told.code == 4
    assert "'Склад 7' looks like it" in told.err
    assert "NO-BREAK SPACE" in told.err
    assert f"not looked at, since nothing here is meant by it: {setting}" in told.out
    (unmet,) = depot.json("audit")["unmet"]
    assert (unmet["name"], unmet["value"]) == (setting, "Склад\u00a07")
    assert unmet["like"] == ["Склад 7"]


@pytest.mark.parametrize("verb", ["coverage", "unseen", "losses", "third-party"])
def test_every_question_with_settings_says_it(depot, verb):
    depot.settings('in_country = ["Склад\\u00a07"]\n')
    told = depot.ask(verb)
    assert told.code == 0
    assert "in_country 'Склад\\xa07'" in told.err
    assert depot.json(verb)["unmet"]


def test_the_findings_went_away(depot):
    depot.settings('in_country = ["Склад\\u00a07"]\n')
    assert depot.ask(*ASKED).code == 4
    assert depot.json("audit", "--code", "INV-INIT")["findings"] == []


def test_the_name_as_it_is(depot):
    """The honest twin: the name without the no-break space; the findings are there."""
    depot.settings('in_country = ["Склад 7", "Бригада"]\n')
    told = depot.ask(*ASKED)
    assert (told.code, told.err) == (5, "")
    assert "INV-INIT" in told.out
    assert depot.json("audit")["unmet"] == []
