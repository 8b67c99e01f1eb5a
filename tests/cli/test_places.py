"""Where a ledger and a key may be named, and what is shown where there is none."""

from __future__ import annotations

import re
import sys

import click
import pytest
from support import command

from chainlog.cli.main import cli
from chainlog.cli.setup.demo import _on_path

FIRST_STEPS = (
    "chainlog: a record of what changes hands, that anybody can check later.\n"
    "There is no ledger in {folder} or above. First steps:\n"
    "\n"
    "  to look at one that was made up (takes a minute):\n"
    "      chainlog demo demo\n"
    "  to begin one of your own, for the site where you work:\n"
    "      chainlog key new\n"
    '      chainlog init depot --origin example.org/depot --site "Depot 7" --holder "Your Name"\n'
    "  to record in it, and to see what is in it:\n"
    "      cd depot\n"
    "      chainlog enter\n"
    "      chainlog log\n"
    "  to check one that somebody gave you:\n"
    "      chainlog verify DIR\n"
    "\n"
    "chainlog help lists all verbs, chainlog help VERB tells of one."
)
SITE = ("--origin", "example.org/depot", "--site", "Depot 7", "--holder", "Your Name")
QUESTIONS = ("status", "log", "holdings", "verify", "audit", "coverage", "reconcile", "unseen")
QUESTIONS += ("losses", "third-party", "funds")
NOW = re.compile('"as_of": [0-9]+')


@pytest.fixture
def depot(run):
    run("key", "new", "--no-passphrase")
    run("init", "depot", *SITE)
    return "depot"


@pytest.mark.parametrize("verb", QUESTIONS)
def test_a_ledger_is_named_before_the_verb_or_after_or_alone(run, depot, verb):
    def answer(*words):
        return NOW.sub("", run(*words).out)

    told = answer("--ledger", depot, verb, "--json")
    assert told
    assert answer(verb, "--json", "--ledger", depot) == told
    assert answer(verb, f"--ledger={depot}", "--json") == told
    assert answer(verb, depot, "--json") == told


def test_two_ledgers_are_one_too_many(run, depot):
    told = run("log", depot, "--ledger", "other", code=2)
    assert not told.out
    assert "two ledgers are named" in told.err
    assert run("log", depot, "--ledger", depot).code == 0
    # What stands last holds: a script's own, and what is typed after it.
    assert run("--ledger", "other", "log", "--ledger", depot).code == 0


def test_a_verb_with_subverbs_and_one_that_records_take_them_too(run, depot, tmp_path):
    run("key", "new", "second.pem", "--no-passphrase")
    assert "Your Name" in run("key", "list", "--ledger", depot).out
    words = ("transfer", "--from", "Depot 7", "--to", "B", "--item", "1ABC2/M777/SN-1", "--yes")
    told = run(*words, "--ledger", depot, "--key", "second.pem", code=1)
    assert not told.out
    assert run(*words, "--key", tmp_path / "home/key.pem", "--ledger", depot).code == 0


def test_what_is_advised_names_what_stood_after_the_verb(run, depot):
    for words in (("--chain", "0" * 8, "--ledger", depot), (depot, "--chain", "0" * 8)):
        assert f"'chainlog --ledger {depot} status'" in run("log", *words, code=1).err


def test_every_verb_says_so_in_its_help(run):
    with click.Context(cli) as ctx:
        for verb in cli.list_commands(ctx):
            told = run(verb, "--help").out
            assert "--ledger DIR" in told, verb
            assert run("help", verb).out == told


@pytest.mark.hint(FIRST_STEPS)
def test_where_there_is_no_ledger_the_first_steps_are_shown_and_can_be_taken(run, tmp_path):
    told = run()
    assert (told.code, told.err) == (0, "")
    assert told.out == FIRST_STEPS.format(folder=tmp_path / "work") + "\n"
    # Of a question, or where one was named, it is an error.
    run("status", code=10)
    run("--ledger", "nowhere", code=10)
    # As they are typed, but for the passphrase.
    assert run("key", "new", "--no-passphrase").code == 0
    assert run("init", "depot", *SITE).code == 0
    assert command.run("log", folder="depot").code == 0
    assert command.run(folder="depot").out.startswith("you ")
    assert run("verify", "depot").code == 0
    assert run("help", "log").code == 0


def test_help_and_version_are_verbs(run):
    assert run("help").out == run("--help").out
    assert run("help", "evidence", "check").out == run("evidence", "check", "--help").out
    assert run("version").out == run("--version").out
    told = run("help", "lgo", code=2)
    assert "did you mean log" in told.err


def test_what_the_demo_advises_finds_the_command(monkeypatch, tmp_path):
    program = tmp_path / "bin/chainlog"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _on_path() == [f"export PATH={program.parent}:$PATH"]
    monkeypatch.setenv("PATH", str(program.parent))
    assert _on_path() == []
