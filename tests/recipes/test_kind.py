"""The recipe 'A kind' of docs/adding.md, carried out in a copy of the package.

One class is written into `events/movements.py`, and nothing else is touched. Verb, help, `enter`,
custody, index, CSV, JSON lines, schema, audit and wording in two languages follow.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import chainlog

PACKAGE = Path(chainlog.__file__).parent
PLACE = "events/movements.py"
CLASS = re.search(
    r"```python\n(class Lend.*?)```",
    (PACKAGE.parent / "docs/adding.md").read_text(encoding="utf-8"),
    re.DOTALL,
)[1]
ITEM = "1ABC2/M777/0042"


class Copy:
    """A copy of the package, and the command run from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "chainlog"
        shutil.copytree(PACKAGE, self.package)  # and what Python compiled

    def add(self, text: str) -> None:
        """Write a class into the place where its kind belongs."""
        place = self.package / PLACE
        place.write_text(f"{place.read_text(encoding='utf-8')}\n\n{text}", encoding="utf-8")

    def touched(self) -> list[str]:
        """The files of the copy that are not those of the package."""
        return [
            str(path.relative_to(self.package))
            for path in sorted(self.package.rglob("*"))
            if path.is_file()
            and "__pycache__" not in path.parts
            and path.suffix != ".mo"
            and not (
                (PACKAGE / path.relative_to(self.package)).exists()
                and filecmp.cmp(path, PACKAGE / path.relative_to(self.package), shallow=False)
            )
        ]

    def run(self, *args: str, lang: str = "en", typed: str = "", code: int = 0) -> str:
        """What the command of the copy says on both streams."""
        done = subprocess.run(
            [sys.executable, "-m", "chainlog.cli.main", *args],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder),
                "CHAINLOG_HOME": str(self.folder / "home"),
                "CHAINLOG_LANG": lang,
            },
            input=typed,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    copy = Copy(tmp_path_factory.mktemp("copy"))
    copy.add(CLASS)
    return copy


@pytest.fixture(scope="module")
def lent(copy):
    """A ledger of the copy in which an item was lent."""
    copy.run("key", "new", "--no-passphrase")
    copy.run(
        "init", "depot", "--origin", "example.org/depot", "--site", "Depot", "--holder", "Olena"
    )
    copy.run(
        *("--ledger", "depot", "register", "--item", ITEM, "--type", "M777", "--yes"),
        *("--owner", "Donor", "--holder", "Depot", "--monitoring", "enhanced"),
    )
    copy.run(
        *("--ledger", "depot", "lend", "--item", ITEM, "--yes"),
        *("--from", "Depot", "--to", "Brigade", "--due", "2030-05-01", "--document", "L-1"),
    )
    return copy


def test_one_class_is_all_that_a_kind_takes(copy):
    assert copy.touched() == [PLACE]  # with this test, two files


def test_the_kind_has_its_verb_its_help_and_its_schema(copy):
    assert re.search(r"\n  lend +lend out, to come back\n", copy.run("--help"))
    assert "--due" in copy.run("lend", "--help")
    assert "missing: --item, --lot, --money or --line; --from" in copy.run("lend", code=2)
    assert json.loads(copy.run("schema", "lend"))["required"] == [
        "event_time", "lines", "from", "to", "due",
    ]  # fmt: skip


def test_the_door_knows_the_types_of_its_fields(lent):
    assert "'2030-02-30' is no date" in lent.run(
        *("--ledger", "depot", "lend", "--item", ITEM, "--from", "a", "--to", "b"),
        *("--due", "2030-02-30", "--yes"),
        code=2,
    )


def test_custody_and_the_audit_follow(lent):
    held = json.loads(lent.run("--ledger", "depot", "holdings", "--json"))
    assert [(row["holder"], row["type"]) for row in held["rows"]] == [("Brigade", "M777")]
    assert "lend Depot → Brigade" in lent.run("--ledger", "depot", "trace", ITEM)
    told = f"{ITEM} went from Depot to Brigade, outside the programme, with no consent in force"
    assert told in lent.run("--ledger", "depot", "audit")


def test_it_is_shown_and_asked_for_in_two_languages(lent):
    assert "lend" in lent.run("--ledger", "depot", "log")
    assert "lend — lent, to come back" in lent.run("--ledger", "depot", "show", "L-1")
    shown = lent.run("--ledger", "depot", "show", "L-1", lang="uk")
    assert "позика — позичено, має повернутися" in shown
    assert "повернути до" in shown
    assert "lent, to come back" in lent.run("--ledger", "depot", "enter", typed="q\n")
    asked = lent.run("--ledger", "depot", "enter", typed="позика\n", lang="uk", code=130)
    assert "позичено, має повернутися" in asked


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_it_is_exported_and_imported(lent, form):
    wanted = ("event_time", "from", "to", "due", "lines")
    said = json.loads(lent.run("--ledger", "depot", "show", "L-1", "--json"))["event"]
    told = f"told.{form}"
    lent.run("--ledger", "depot", "export", form, "--kind", "lend", "-o", told)
    other = f"other-{form}"
    lent.run("init", other, "--origin", "example.org/other", "--site", "Depot", "--holder", "Ivan")
    lent.run("--ledger", other, "import", told, "--yes")
    again = json.loads(lent.run("--ledger", other, "log", "--json").splitlines()[-1])
    assert again["kind"] == "lend"
    assert {name: again["event"][name] for name in wanted} == {name: said[name] for name in wanted}


def test_a_class_that_forgets_a_fact_is_refused_by_a_sentence_that_says_where(tmp_path):
    copy = Copy(tmp_path)
    copy.add(CLASS.replace('taker="to"', 'taker=""'))
    done = subprocess.run(
        [sys.executable, "-c", "import chainlog.events.kinds"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == (
        "TypeError: chainlog.events.movements.Lend: what hands over names the field of its taker "
        "in `does` (events/facts.py)"
    )
