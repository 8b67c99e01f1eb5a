"""What others wrote does not move a terminal's cursor; a program gets it as it was signed."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from types import SimpleNamespace

import pytest
from support import command

from chainlog.cli.output import progress_shown

# Clear the screen in one character (C1), turn the text, and a tag that nobody sees.
HIDDEN = "ok\u009b2J\u202eevil\u2069\U000e0041\u0085end"
SAFE = "ok\\u009b2J\\u202eevil\\u2069\\udb40\\udc41\\u0085end"


@pytest.fixture
def ledger(run, tmp_path):
    run("key", "new", "--no-passphrase")
    run("init", "--origin", "example.org/depot", "--site", "Depot", "--holder", "Olena")
    event = {"from": "Depot", "to": "Brigade", "note": HIDDEN, "lines": [{"item": {"uii": "A"}}]}
    event |= {"event_time": "2023-03-01T08:00:00Z"}
    (tmp_path / "event.jsonl").write_text(json.dumps({"kind": "transfer", "event": event}))
    run("import", str(tmp_path / "event.jsonl"), "--yes")


@pytest.fixture
def terminal(monkeypatch):
    """Makes standard output a terminal."""

    class Terminal(io.TextIOWrapper):
        def isatty(self):
            return True

    kinds = SimpleNamespace(TextIOWrapper=Terminal, StringIO=io.StringIO, BytesIO=io.BytesIO)
    return lambda: monkeypatch.setattr(command, "io", kinds)


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    "words",
    [
        ("log", "--json"),
        ("log",),
        ("show", "{id}", "--json"),
        ("show", "{id}"),
        ("export", "jsonl"),
        ("export", "csv"),
        ("prove", "{id}"),
        ("checkpoint",),
    ],
)
def test_nothing_hidden_reaches_a_terminal(run, terminal, words):
    last = json.loads(run("log", "--json").out.strip().split("\n")[-1])
    assert last["event"]["note"] == HIDDEN
    words = [word.format(id=last["id"]) for word in words]
    terminal()
    out = re.sub(r"\x1b\[[0-9;]*m", "", run(*words).out)  # our own bold heads
    assert out.strip()
    assert {unicodedata.category(char) for char in out if char != "\n"}.isdisjoint(
        {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    if "--json" in words:
        assert SAFE in out
        assert json.loads(out.strip().split("\n")[-1])["event"]["note"] == HIDDEN


@pytest.mark.usefixtures("ledger")
def test_a_program_gets_it_as_it_was_signed(run, terminal, tmp_path):
    assert HIDDEN in run("log", "--json").out
    terminal()
    run("export", "jsonl", "--output", str(tmp_path / "all.jsonl"))
    assert HIDDEN in (tmp_path / "all.jsonl").read_text()


@pytest.mark.usefixtures("ledger")
def test_bytes_are_not_written_to_a_terminal(run, terminal, tmp_path):
    last = json.loads(run("log", "--json").out.strip().split("\n")[-1])["id"]
    terminal()
    refused = run("show", last, "--entry", "-", code=1)
    assert "not written to a terminal" in refused.err
    run("show", last, "--entry", str(tmp_path / "entry.bin"))
    assert (tmp_path / "entry.bin").stat().st_size > 100


@pytest.mark.parametrize(
    ("spoken", "shown"), [("en", "1,234 entries read"), ("uk", "прочитано записів: 1\xa0234")]
)
def test_progress_is_told_in_the_readers_language(monkeypatch, spoken, shown):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("CHAINLOG_LANG", spoken)
    monkeypatch.setattr("sys.stderr", told := Terminal())
    with progress_shown() as read:
        read(1234)
    assert shown in told.getvalue()
