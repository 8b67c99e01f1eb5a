"""Two devices wrote the chain in a folder that a service synchronises: it keeps both files, and
names one of them otherwise. 'Holds' is said of the one, and entries of the other are nowhere.
"""

from __future__ import annotations

import json
import shlex
import shutil

import pytest
from support.command import run

NAMES = [
    ("00000000000000000000.sync-conflict-20261128-101500-ABCDEFG.seg", "Syncthing"),
    ("00000000000000000000 (conflicted copy 2026-11-28).seg", "Dropbox"),
    ("00000000000000000000 (Olena's conflicted copy 2026-11-28).seg", "Dropbox"),
    ("00000000000000000000 (conflicted copy 2026-11-28 101500).seg", "Nextcloud"),
    ("00000000000000000000 (конфліктна копія, Олена 2026-11-28).seg", "Dropbox"),
    ("00000000000000000000_conflict-20261128-101500.seg", "ownCloud"),
    ("00000000000000000000-DESKTOP-7AB2.seg", "OneDrive"),
    ("00000000000000000000 - Copy.seg", "Windows"),
    ("00000000000000000000 - Copy (2).seg", "Windows"),
    ("00000000000000000000 - копія.seg", "Windows"),
    ("00000000000000000000 (1).seg", "Google Drive"),
    ("00000000000000000000(1).seg", "Google Drive"),
]


def ahead(desk):
    """The other device's file: one entry more than the site's own."""
    with desk.open() as ledger:
        own = list(ledger.engine.read(desk.chain))
    desk.write(1, 50)
    more = desk.segment.read_bytes()
    desk.back_to(desk.backup)
    assert len(own) == 4
    return more


@pytest.mark.parametrize(("name", "by"), NAMES)
def test_it_is_named_and_what_to_do(desk, name, by):
    (desk.chain_folder / name).write_bytes(ahead(desk))
    told = run("verify", desk.folder)
    assert told.code == 4
    assert told.out.startswith("cannot tell")
    assert "tampered" not in told.out
    assert by in told.out
    told = json.loads(run("verify", desk.folder, "--json").out)
    (missing,) = (one for one in told["missing"] if one["code"] == "conflict-copy")
    # The command that it names shows what is in it.
    words = shlex.split(missing["message"].partition("chainlog ")[2])
    shown = run(*words)
    assert "5" in shown.out, shown


@pytest.mark.parametrize(("name", "by"), NAMES[:2])
def test_whoever_takes_from_such_a_folder_is_told(desk, name, by):
    """And so the same each time."""
    stick = desk.base / "stick"
    shutil.copytree(desk.folder, stick)
    (stick / "chains" / desk.chain.hex() / name).write_bytes(ahead(desk))
    for _ in range(2):
        told = run("sync", stick, folder=desk.folder)
        assert told.code == 4, told
        assert "conflict-copy" in told.out + told.err
        assert by in told.out + told.err


@pytest.mark.parametrize(
    "name",
    [
        "._00000000000000000000.seg",
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        ".stfolder",
        "~$notes.docx",
        "index.sync-conflict-20261128-101500-ABCDEFG",
        "readme (1).txt",
    ],
)
def test_what_systems_lay_everywhere_is_nothing(desk, name):
    """The twin: files that are no copies of what is kept, and what is only derived."""
    (desk.chain_folder / name).write_bytes(b"x" * 4096)
    desk.goes_on()
    assert run("sync", desk.folder, folder=desk.backup).code == 0
