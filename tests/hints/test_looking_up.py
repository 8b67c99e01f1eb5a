"""Hints of where to look something up: what was typed is not known, and the command lists it."""

from __future__ import annotations

import pytest
from hints.way import Person

INIT = "'chainlog init' makes one; --ledger or $CHAINLOG_LEDGER names one"
OPENS = "'chainlog init' opens a chain"


@pytest.fixture(scope="module")
def olena(tmp_path_factory):
    person = Person(tmp_path_factory.mktemp("olena"))
    assert person.transfer().code == 0
    return person


LOOKED_UP = {
    "'chainlog schema' lists the kinds": (("add", "nonsense", "-"), "", "transfer"),
    "{kind!r} is no kind of entry; 'chainlog schema' lists them": (
        ("log", "--kind", "zzzzz"),
        "",
        "transfer",
    ),
    "'chainlog schema {kind}' lists the fields; names of your own begin with x_": (
        ("transfer", "--from", "a", "--to", "b", "--line", '{"nonsense": 1}', "--yes"),
        "",
        '"from"',
    ),
    "'chainlog schema {kind}' lists them": (
        ("transfer", "--from", "a", "--to", "b", "--line", '{"condition": "Z"}', "--yes"),
        "",
        '"condition"',
    ),
    "chainlog schema {kind}": (("add", "transfer", "-", "--yes"), '{"x": 1}', '"from"'),
    "see 'chainlog schema transfer'": (
        ("transfer", "--from", "a", "--to", "b", "--line", "3", "--yes"),
        "",
        '"lines"',
    ),
    "'chainlog schema KIND' lists the fields": (
        ("withhold", "copy", "--field", "zzzzz"),
        "",
        '"lines"',
    ),
    "nobody in this chain is called {named!r}; 'chainlog key list' names who is": (
        ("log", "--author", "zzzzz"),
        "",
        "Олена",
    ),
    "'chainlog key list' names the keys of a chain": (("exposure", "zzzzz"), "", "Олена"),
    "chains go by at least 8 characters of their id; 'chainlog status' names this one": (
        ("log", "--chain", "zzzzzzzz"),
        "",
        "chain ",
    ),
}


@pytest.mark.hint(
    "'chainlog schema' lists the kinds",
    "{kind!r} is no kind of entry; 'chainlog schema' lists them",
    "'chainlog schema {kind}' lists the fields; names of your own begin with x_",
    "'chainlog schema {kind}' lists them",
    "chainlog schema {kind}",
    "see 'chainlog schema transfer'",
    "'chainlog schema KIND' lists the fields",
    "nobody in this chain is called {named!r}; 'chainlog key list' names who is",
    "'chainlog key list' names the keys of a chain",
    "chains go by at least 8 characters of their id; 'chainlog status' names this one",
)
@pytest.mark.parametrize("text", LOOKED_UP)
def test_it_is_listed_there(olena, text):
    words, stdin, listed = LOOKED_UP[text]
    told = olena.at(*words, stdin=stdin.encode())
    assert told.code
    shown = olena.go(told, text, KIND="transfer")
    assert (shown.code, listed in shown.out) == (0, True), shown


@pytest.mark.hint(INIT)
def test_where_there_is_no_ledger_one_is_made(olena, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = olena.run("status")
    assert told.code == 10
    assert olena.go(told, INIT, *olena.opening()).code == 0
    assert olena.run("status").code == 0


@pytest.mark.hint(OPENS)
def test_a_chain_is_opened_by_a_verb(olena, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = olena.at("add", "chain.open", "-")
    assert olena.go(told, OPENS, *olena.opening()).code == 0
