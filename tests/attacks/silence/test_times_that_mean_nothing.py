"""Two dates are exchanged, a year is mistyped, a date is written without hyphens: no entry is
meant, or all of a day but its first instant, and the answer is an all-clear.
"""

from __future__ import annotations

import pytest

SPANS = [("log",), ("log", "--json"), ("export", "jsonl"), ("reconcile",)]


@pytest.mark.parametrize("words", SPANS)
def test_since_later_than_until(depot, words):
    told = depot.ask(*words, "--since", "2023-04-01", "--until", "2023-03-01")
    assert (told.code, told.out) == (2, "")
    assert "--since is later than --until" in told.err


@pytest.mark.parametrize("verb", ["audit", "holdings", "unseen", "losses", "funds", "reconcile"])
def test_as_of_before_anything_was_recorded(depot, verb):
    told = depot.ask(verb, "--as-of", "2013-03-05")
    assert told.code == 0
    assert "--as-of 2013-03-05: that is before the first entry held here" in told.err
    assert depot.json(verb, "--as-of", "2013-03-05")["unmet"][0]["name"] == "--as-of"


def test_nobody_rests_on_a_time_before_all(depot):
    assert depot.ask("audit", "--as-of", "2013-03-05", "--fail-on", "low").code == 4


@pytest.mark.parametrize(
    ("option", "value"), [("--since", "2033-03-01"), ("--until", "2013-03-01")]
)
def test_a_span_without_entries(depot, option, value):
    (unmet,) = depot.json("reconcile", option, value)["unmet"]
    assert (unmet["name"], unmet["value"]) == (option, value)
    for words in SPANS[:3]:
        told = depot.ask(*words, option, value)
        assert (told.code, told.out) == (0, "")
        assert "none of the 5 entries is meant" in told.err


def test_a_date_in_any_form_means_its_end(depot):
    for date in ("2023-03-02", "20230302", "2023-W09-4"):
        assert len(depot.json("reconcile", "--until", date)["rows"]) == 1


def test_a_span_with_entries(depot):
    """The honest twin."""
    told = depot.ask("reconcile", "--since", "2023-03-01", "--until", "2023-04-01")
    assert (told.code, told.err) == (0, "")
    assert "WB-1" in told.out
    for words in SPANS[:3]:
        told = depot.ask(*words, "--since", "2023-03-01")
        assert (told.code, told.err, told.out != "") == (0, "", True)
