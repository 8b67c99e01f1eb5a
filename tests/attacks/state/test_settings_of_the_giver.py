"""A stick brings an `audit.toml` by which what does not add up is in order, and whoever audits it
is not told. It is used, and standard error says whose it is and how to name one's own.
"""

from __future__ import annotations

import json
import os

import pytest

LENIENT = "init_days = 36500\n"


@pytest.mark.parametrize("words", [("audit",), ("coverage",), ("losses",), ("third-party",)])
def test_it_is_said_whose_settings_they_are(scene, words):
    (scene.stick / "audit.toml").write_text(LENIENT, encoding="utf-8")
    told = scene.run(*words, "--json", folder=scene.stick)
    assert told.code == 0
    assert "--settings" in told.err
    assert "audit.toml" in told.err


def test_it_is_read_with_measure(scene):
    """A pipe is not waited for, and what never ends is not read whole."""
    os.mkfifo(scene.stick / "audit.toml")
    with scene.within(20):
        assert scene.run("audit", folder=scene.stick).code == 1
    (scene.stick / "audit.toml").unlink()
    with (scene.stick / "audit.toml").open("wb") as file:
        file.truncate(2**32)
    with scene.within(20):
        assert scene.run("audit", folder=scene.stick).code == 1


def test_ones_own_are_named_and_nothing_is_said(scene):
    """The honest twin: the auditor's settings, and those of a ledger of the auditor's own."""
    (scene.stick / "audit.toml").write_text(LENIENT, encoding="utf-8")
    (scene.home / "mine.toml").write_text("init_days = 7\n", encoding="utf-8")
    told = scene.run("audit", "--json", "--settings", scene.home / "mine.toml", folder=scene.stick)
    assert (told.err, json.loads(told.out)["settings"]["init_days"]) == ("", 7)
    own = scene.own()
    (own / "audit.toml").write_text(LENIENT, encoding="utf-8")
    assert scene.run("audit", folder=own).err == ""
