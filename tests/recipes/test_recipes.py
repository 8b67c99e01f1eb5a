"""The recipes of docs/adding.md for a finding, an exporter, an engine and a verb, carried out.

Their code blocks are written into a copy of package, seeds and tests, each where its first line
says, and the tests that they speak of are run there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"^```(?:python|toml)\n# (append to )?([a-z_/]+\.(?:py|toml))\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
# By recipe: how many files it touches, and which tests hold what it made.
RECIPES = {
    "A finding": (
        3,
        [
            "tests/audit/test_unseen.py",
            "tests/audit/test_families.py",
            "tests/demo/test_plot.py",
            "tests/demo/test_findings.py",
            "-k",
            "unseen or families or each_planted or code_is_planted or expected_by_one_row",
        ],
    ),
    "An exporter": (
        2,
        [
            "tests/export/test_ids.py",
            "tests/export/test_exporters.py",
            "-k",
            "not csv and not jsonl",
        ],
    ),
    "An engine": (2, ["tests/store/test_engines.py", "-k", "scratch"]),
    "A verb": (2, ["tests/cli/test_sizes.py", "tests/cli/test_verbs.py"]),
}


def blocks(recipe):
    """The code of a recipe: whether it is appended, the file, the text."""
    page = (TOP / "docs/adding.md").read_text(encoding="utf-8")
    return BLOCK.findall(page.split(f"\n## {recipe}\n")[1].split("\n## ")[0])


@pytest.fixture
def copy(tmp_path):
    # What Python and pytest compiled comes too: nothing of it is compiled again.
    left = shutil.ignore_patterns(".*")
    for folder in ("chainlog", "docs", "seeds", "tests"):
        shutil.copytree(TOP / folder, tmp_path / folder, ignore=left)
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    return tmp_path


def run(copy, *args):
    """What a program says, with the copy in the package's place."""
    paths = os.pathsep.join((str(copy), str(copy / "tests")))
    done = subprocess.run(
        [sys.executable, "-m", *args],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def carry_out(recipe, copy):
    """Write the blocks of a recipe; returns the files that they touch."""
    told = blocks(recipe)
    for appended, name, text in told:
        path = copy / name
        assert path.exists() == bool(appended), name
        with path.open("a", encoding="utf-8") as file:
            file.write("\n\n" + text if appended else text)
    return {name for _, name, _ in told}


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_touches_so_many_files_and_its_tests_pass(recipe, copy):
    count, tests = RECIPES[recipe]
    assert len(carry_out(recipe, copy)) == count
    told = run(copy, "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests)
    assert " passed" in told


def test_what_was_added_is_there_for_whoever_asks(copy):
    for recipe in RECIPES:
        carry_out(recipe, copy)
    assert "  sizes " in run(copy, "chainlog.cli.main", "--help")
    run(copy, "support.docs_verbs", "docs/verbs.md")
    page = (copy / "docs/verbs.md").read_text(encoding="utf-8")
    assert "| `sizes` | say how long each chain is | `sizes` |\n" in page
    assert "ids|jsonl|csv" in run(copy, "chainlog.cli.main", "export", "--help")
    assert "--bare" in run(copy, "chainlog.cli.main", "export", "--help")
    asked = "import chainlog.audit.rulebook as f, chainlog.store.open as o; "
    code = copy / "ask.py"
    code.write_text(asked + "print('DEST-NOFILE' in f.CODES, 'scratch' in o.schemes())\n")
    assert run(copy, "ask") == "True True\n"
