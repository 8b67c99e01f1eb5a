"""Somebody types a party's name on the wrong keyboard: one letter is Latin, and the audit of that
party finds nothing, as every other question does. Each name that a filter gives is looked up.
"""

from __future__ import annotations

import pytest

FILTERS = [
    ("audit", "--party", "Cклад 7", "Склад 7"),
    ("holdings", "--holder", "Бригaда", "Бригада"),
    ("holdings", "--place", "Рiвне", "Рівне"),
    ("holdings", "--type", "howitzеr", "howitzer"),
    ("coverage", "--unit", "Склад\u200b 7", "Склад 7"),
    ("coverage", "--type", "hоwitzer", "howitzer"),
    ("unseen", "--holder", "склад 7", "Склад 7"),
    ("unseen", "--type", "howitser", "howitzer"),
    ("losses", "--holder", "Склад  7", "Склад 7"),
    ("third-party", "--to", "Бригада ", "Бригада"),
    ("reconcile", "--from", "Пoрт", "Порт"),
    ("reconcile", "--to", "Склад7", "Склад 7"),
    ("reconcile", "--document", "WB–1", "WB-1"),
    ("funds", "--party", "Порт\u00a0", "Порт"),
    ("funds", "--currency", "ЕUR", "EUR"),
    ("funds", "--document", "FС-1", "FC-1"),
]


@pytest.mark.parametrize(("verb", "option", "given", "meant"), FILTERS)
def test_a_name_that_nothing_has_is_said(depot, verb, option, given, meant):
    told = depot.ask(verb, option, given)
    assert told.code == 0
    assert f"{option} {given!r}" in told.err
    assert f"{meant!r} looks like it" in told.err
    says = "not looked at" if verb == "audit" else "nothing was looked at"
    assert says in told.out
    (unmet,) = depot.json(verb, option, given)["unmet"]
    assert (unmet["name"], unmet["value"]) == (option, given)
    assert meant in unmet["like"]
    assert unmet["why"].startswith(f"{option} {given!r}: ")


@pytest.mark.parametrize(("verb", "option", "given", "meant"), FILTERS)
def test_a_name_that_there_is(depot, verb, option, given, meant):
    """The honest twin."""
    told = depot.ask(verb, option, meant)
    assert (told.code, told.err) == (0, "")
    assert "nothing was looked at" not in told.out
    assert depot.json(verb, option, meant)["unmet"] == []


def test_nobody_rests_on_it(depot):
    assert depot.ask("audit", "--party", "Cклад 7", "--fail-on", "low").code == 4
    assert depot.ask("audit", "--party", "Склад 7", "--fail-on", "low").code == 5


def test_two_names_of_which_one_is_wrong(depot):
    """Findings that are open weigh more than a name that nothing has; both are said."""
    depot.settings('in_country = ["Склад 8"]\n')
    told = depot.ask("audit", "--party", "Бригада", "--fail-on", "low")
    assert (told.code, "'Склад 8'" in told.err) == (5, True)
