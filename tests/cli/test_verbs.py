"""The verbs by their files: each says what the help needs, and one that does not is told so."""

from __future__ import annotations

import importlib
import subprocess
import sys

import click
import pytest

from chainlog.cli import verbs
from chainlog.cli.main import cli

FILE = 'PLACE: Final = {place}\nSUMMARY: Final = "{summary}"\n'


@pytest.fixture
def top(tmp_path):
    for folder in verbs.GROUPS:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    return tmp_path


def write(top, name, place=10, summary="say hello"):
    (top / name).write_text(FILE.format(place=place, summary=summary), encoding="utf-8")


def test_a_file_is_a_verb_and_stands_where_it_says(top):
    write(top, "look/third_party.py", 30)
    write(top, "look/import_.py", 20)
    write(top, "record/enter.py", 10, "ask")
    write(top, "record/add.py", 30)
    (top / "look/folder").mkdir()
    (top / "look/notes.txt").touch()
    told = verbs.groups(str(top))
    assert list(told["look"].items()) == [("import", "say hello"), ("third-party", "say hello")]
    assert list(told["record"]) == ["enter", *verbs.kind_verbs(), "add"]
    assert told["set up"] == {}


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("look/log.py", "PLACE: Final = 1\n", "cli/look/log.py: a verb says 'PLACE: Final = …'"),
        ("look/log.py", 'SUMMARY: Final = "x"\n', "cli/look/log.py: a verb says 'PLACE: Final = "),
        ("setup/show.py", FILE, "cli/setup/show.py: cli/look has the verb 'show' already"),
        ("look/transfer.py", FILE, "cli/look/transfer.py: the kind 'transfer' has this verb alre"),
    ],
)
def test_a_verb_that_breaks_the_contract_is_told_which_rule_and_where(top, name, text, fault):
    write(top, "look/show.py")
    (top / name).write_text(text, encoding="utf-8")
    with pytest.raises(TypeError) as error:
        verbs.groups(str(top))
    assert fault in str(error.value)


def test_what_the_files_say_is_what_their_modules_say():
    for verb, file in verbs.verb_files().items():
        module = importlib.import_module(f"chainlog.cli.{file.folder}.{file.module}")
        assert verbs.read_facts(verb, file) == (module.PLACE, verb, module.SUMMARY)
        assert isinstance(module.COMMAND, click.Command)
        assert module.COMMAND.name == verb


def test_no_two_verbs_of_a_group_want_one_place():
    files = verbs.verb_files()
    places = [(file.folder, verbs.read_facts(verb, file).place) for verb, file in files.items()]
    assert len(places) == len(set(places))
    assert set(cli.list_commands(click.Context(cli))) == {*files, *verbs.kind_verbs()}


def test_neither_version_nor_help_loads_a_verb():
    code = """
import sys
from chainlog.cli.main import main
try:
    main([sys.argv[1]])
except SystemExit:
    print([one for one in sys.modules if one.count(".") == 3], file=sys.stderr)
"""
    for option in ("--version", "--help"):
        done = subprocess.run(
            [sys.executable, "-c", code, option], capture_output=True, text=True, check=True
        )
        assert "chainlog.cli." not in done.stderr
