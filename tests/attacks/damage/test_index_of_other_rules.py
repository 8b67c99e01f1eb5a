"""An item index was made by an older version, which did not look for files in replacements: its
tables and its vocabulary are those of today, so it was believed.

Whatever derives is part of the index's version. Nobody has to remember to raise a number.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import chainlog
from chainlog.index import schema

SAYS = "from chainlog.index.schema import version; print(version())"


def version_of(place):
    """The version of the index by the package that lies in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", SAYS],
        env={**os.environ, "PYTHONPATH": str(place)},
        cwd=place,
        capture_output=True,
        check=True,
        text=True,
    )
    return int(done.stdout)


@pytest.fixture
def older(tmp_path):
    """A copy of the package, to be made what it once was."""
    shutil.copytree(
        Path(chainlog.__file__).parent,
        tmp_path / "chainlog",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return tmp_path


@pytest.mark.parametrize(
    "rule", ["events/mentions.py", "custody/act.py", "index/entry_rows.py", "format/body.py"]
)
def test_an_index_by_another_rule_has_another_version(older, rule):
    path = older / "chainlog" / rule
    path.write_text(path.read_text() + "\nOLDER = True\n")
    assert version_of(older) != schema.version()


def test_what_derives_nothing_changes_no_version(older):
    path = older / "chainlog" / "cli" / "main.py"
    path.write_text(path.read_text() + "\nOLDER = True\n")
    assert version_of(older) == schema.version()
