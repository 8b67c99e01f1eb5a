"""A ledger is made, or kept, in a folder that a service synchronises: nobody said that it puts
files in the place of those that are being written, and that two devices so fork the chain.
"""

from __future__ import annotations

import pytest
from support.chains import CLERK
from support.command import run

from chainlog.ledger.signers.files import write_key

INIT = ("init", "depot", "--origin", "example.org/own", "--site", "Бюро", "--holder", "Ревізор")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINLOG_HOME", str(tmp_path / "home"))
    write_key(tmp_path / "home" / "key.pem", CLERK, None)
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.mark.parametrize(
    ("laid", "below", "service"),
    [
        (".stfolder", "shared", "Syncthing"),
        (".dropbox.cache", "box", "Dropbox"),
        (None, "OneDrive - Склад", "OneDrive"),
        (None, "Nextcloud", "Nextcloud"),
        (None, "Google Drive", "Google Drive"),
        (None, "Dropbox (Personal)", "Dropbox"),
    ],
)
def test_it_is_said_when_it_is_made_and_when_it_is_looked_at(place, laid, below, service):
    folder = place / below / "deep"
    folder.mkdir(parents=True)
    if laid is not None:
        (place / below / laid).mkdir()
    for words, where in ((INIT, folder), (("status",), folder / "depot")):
        told = run(*words, folder=where)
        assert told.code == 0, told
        assert f"{place / below} is synchronised by {service}" in told.err
        assert "chainlog sync" in told.err


@pytest.mark.parametrize("below", ["docs", "my dropbox notes", "drive", "MEGAPHONE"])
def test_elsewhere_nothing_is_said(place, below):
    """The twin."""
    (place / below).mkdir()
    assert run(*INIT, folder=place / below).err == ""
    assert run("status", folder=place / below / "depot").err == ""
