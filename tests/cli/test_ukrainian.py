"""The command in Ukrainian: what is recorded, shown, refused and found."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from chainlog.cli.help import without_shapes
from chainlog.cli.main import cli, main
from chainlog.hub.witness.checks import ChainOutcome
from chainlog.hub.witness.witness import Witness

SITE, BRIGADE = "Склад «А»", "3-тя бригада"
AS_OF = ("--as-of", "2099-01-01")
TRANSFER = ("transfer", "--from", SITE, "--to", BRIGADE, "--item", "1ABC2/M777/0042", "--type")


class Terminal(io.StringIO):
    """A person at the keyboard."""

    def isatty(self):
        return True


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run the command in Ukrainian, in an empty folder; gives `out`, `err`."""
    monkeypatch.setenv("CHAINLOG_LANG", "uk")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def call(*args, stdin=None, code=0):
        monkeypatch.setattr(sys, "stdin", stdin if stdin is not None else io.StringIO(""))
        with pytest.raises(SystemExit) as left:
            main([str(arg) for arg in args])
        said = capsys.readouterr()
        assert left.value.code == code, said
        return SimpleNamespace(out=said.out, err=said.err)

    return call


@pytest.fixture
def ledger(run):
    """A ledger in the current folder, with one handover in it; gives its chain's id."""
    run("key", "new", "--no-passphrase")
    name = ("--origin", "example.org/depot", "--site", SITE, "--holder", "Олена Ковальчук")
    chain = run("init", *name).out.strip()
    said = run(*TRANSFER, "M777", stdin=Terminal("y\n"))
    assert "передача — передано з рук у руки" in said.err
    assert "  від кого: Склад «А»\n  кому: 3-тя бригада\n" in said.err
    assert "  що: 1\n    - 1ABC2/M777/0042, тип M777" in said.err
    assert "підписати й записати це?" in said.err
    assert said.out.startswith("записано ")
    assert said.out.endswith(", запис 1\n")
    return chain


def test_what_was_recorded_is_shown_and_listed(run, ledger):
    row = run("log").out.splitlines()[-1].split("\t")
    assert row[0] == "1"
    assert row[4:] == [
        "передача",
        "від кого Склад «А», кому 3-тя бригада, 1ABC2/M777/0042, тип M777",
    ]
    shown = run("show", row[1]).out
    assert "передача — передано з рук у руки" in shown
    assert "підписав: Олена Ковальчук\n" in shown
    assert "ролі: власник" in shown
    assert f"запис: 1 ланцюга {ledger}\n" in shown
    assert '"kind": "transfer"' in run("show", row[1], "--json").out


def test_status_counts_in_three_plural_forms(run, ledger):
    lines = run("status").out.splitlines()
    assert lines[0].startswith("ви         Олена Ковальчук, Склад «А» (власник")
    assert "обсяг      2 записи, останній " in "\n".join(lines)
    assert "лише тут   2 записи: жоден визнаний тут свідок їх не бачив" in lines
    assert "інші       тут зберігається ще 0 ланцюгів" in lines
    assert "запис      можливий" in lines
    run(*TRANSFER, "M777", "--yes")
    run(*TRANSFER, "M777", "--yes")
    assert "обсяг      4 записи" in run("status").out
    run(*TRANSFER, "M777", "--yes")
    assert "обсяг      5 записів" in run("status").out
    assert '"problem": null' in run("status", "--json").out


def test_an_error_with_its_hint(run, ledger):
    said = run("--ledger", "nowhere", "status", code=10)
    assert said.err.startswith("chainlog: помилка: ")
    assert "\nпідказка: " in said.err
    said = run(*TRANSFER, "M777", code=2)
    assert "немає кому погодитися перед підписом: додайте --yes" in said.err


def test_verdicts_and_faults(run, ledger):
    said = run("verify")
    assert said.out.startswith("усе збігається (повна перевірка)\nланцюг ")
    assert "--trust не вказано; звірте цих власників іншим каналом: clk1:" in said.err
    [segment] = (Path("chains") / ledger).glob("*.seg")
    raw = bytearray(segment.read_bytes())
    raw[-1] ^= 1
    segment.write_bytes(raw)
    said = run("verify", code=3)
    assert said.out.startswith("підроблено (повна перевірка): example.org/depot, запис 1: body\n")
    assert "\nвада: " in said.out
    assert re.search(r": крок \d \([а-яіїє ']+\): [a-z-]+: .*[а-яіїє]{4}", said.out)
    told = json.loads(run("verify", "--json", code=3).out)
    assert told["verdict"] == "tampered"
    assert all(fault["message"].isascii() for fault in told["faults"])


def test_the_help(run):
    said = run("--help").out
    assert "записати:\n" in said
    assert "перевірити, що нічого не змінено" in said
    assert "Передано з рук у руки." in run("transfer", "--help").out
    said = " ".join(run("verify", "--help").out.split())
    assert "Інакше журнал, знайдений тут." in said
    assert "Скільки перевіряти." in said
    assert "Вивести {verdict, level, chains, faults, missing, without, truncated}." in said


def test_the_audit(run, ledger):
    said = run("audit").out
    assert re.search(r"^[A-Z-]+ · (критичне|важливе|середнє|незначне) · .*[а-яіїє]{4}", said)
    assert re.search(r"^\d+ зауважен(ня|ь) станом на ", said, re.MULTILINE)
    for finding in json.loads(run("audit", "--json").out)["findings"]:
        english = finding["sentence"].replace(SITE, "").replace(BRIGADE, "")
        assert not re.search("[а-яіїє]", english)


@pytest.mark.parametrize(
    "verb",
    [
        "status",
        "log",
        "verify",
        "audit",
        "holdings",
        "holdings --each",
        "trace 1ABC2/M777/0042",
        "coverage",
        "reconcile",
        "unseen --days 30",
        "losses",
        "third-party",
        "exposure Олена",
        "funds",
        "checkpoint",
        "key list",
        "schema transfer",
    ],
)
def test_json_is_the_same_in_every_language(run, ledger, monkeypatch, verb):
    args = shlex.split(verb.replace("Олена", "'Олена Ковальчук'"))
    as_of = [] if args[0] in {"status", "log", "verify", "checkpoint", "key", "schema"} else AS_OF
    told = []
    for spoken in ("uk", "en"):
        monkeypatch.setenv("CHAINLOG_LANG", spoken)
        told.append(run(*args, *as_of, "--json").out)
    assert told[0] == told[1] != ""


def test_dates_on_a_terminal_are_as_ukrainian_writes_them(run, ledger, monkeypatch):
    assert re.search(r"\d{4}-\d\d-\d\dT", run("status").out)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    said = run("status").out
    assert re.search(r"останній   передача, \d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d UTC, Олена", said)
    assert json.loads(run("status", "--json").out)["last"]["time"] > 0


def test_a_rollback_that_a_witness_finds_exits_as_in_english(run, monkeypatch):
    run("key", "new", "--no-passphrase")
    run("init", "depot", "--origin", "e.org/d", "--site", SITE, "--holder", "Олена")
    run("witness", "new", "w.pem", "--name", "hub.example/w1", "--no-passphrase")
    found = ChainOutcome(b"c" * 32, "e.org/d", "rolled back", says="7 entries were cosigned")
    monkeypatch.setattr(Witness, "cosign_held", lambda *_args, **_how: [found])
    run("--ledger", "depot", "--key", "w.pem", "witness", "cosign", code=3)


def test_words_of_ours_in_the_cells_of_tables(run, ledger):
    said = run("holdings", *AS_OF).out
    assert "у наявності" in said
    assert "усього" in said
    assert "on hand" not in said
    assert "не підписано" in run("holdings", "--each", *AS_OF).out
    assert "нічого\n" in run("funds", *AS_OF).out


def test_the_words_of_the_command_line_itself(run):
    said = run("unseen", "--help").out
    assert said.startswith("Виклик: chainlog unseen")
    assert "Параметри:" in said
    assert "Показати цю довідку й вийти." in said
    assert "[типово: 365; 0<=x<=36500]" in " ".join(said.split())
    assert not re.search("Usage|Options:|Show this|default", said)
    assert (
        "немає такого параметра: '--dayz'; можливо, --days?" in run("unseen", "--dayz", code=2).err
    )
    assert "не вказано 'ЗАПИС'" in run("show", code=2).err
    assert (
        "хибне значення для '--by': можна лише одне з: type, unit, month"
        in run("coverage", "--by", "x", code=2).err
    )
    assert "'--days' вжито неправильно" in run("unseen", "--days", code=2).err
    for args, told in {
        ("log", "--limit", "0"): "'--limit': 0 поза межами x>=1",
        ("log", "--limit", "x"): "'--limit': 'x' — не ціле число",
        ("enter", "more"): "зайві аргументи: more",
        ("evidence", "no"): "дії 'no' немає",
        ("loss", "--attach", "none.jpg"): "'--attach': 'none.jpg' не існує",
        ("loss", "--attach", "."): "'--attach': '.' — це тека",
    }.items():
        assert told in run(*args, code=2).err


def test_kinds_roles_and_what_became_of_checkpoints(run, ledger):
    assert "передано з рук у руки" in run("schema").out
    assert "власник" in run("key", "list").out
    run("checkpoint")
    assert "збігається" in run("checkpoint", "--list").out


def test_no_help_has_english_prose_in_it(run):
    todo = [((), cli)]
    while todo:
        names, command = todo.pop()
        said = run(*names, "--help").out.partition("\n")[2]
        said = re.sub(r"\[[^\]]*\]", "", without_shapes(said)[0])
        if isinstance(command, click.Group):
            with click.Context(command) as ctx:
                verbs = {
                    name: command.get_command(ctx, name) for name in command.list_commands(ctx)
                }
            todo += [((*names, name), one) for name, one in verbs.items()]
        prose = re.findall(r"\b[A-Za-z]?[a-z]+ [a-z]+ [a-z]+\b", said)
        assert prose == [], (names, prose)
