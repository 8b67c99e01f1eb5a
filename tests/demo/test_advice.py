"""What the demo advises to try next works as it is typed, and leaves nothing in the user's home."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import replace

from support.command import run

from chainlog.cli.setup.demo import _tell_next
from chainlog.events.wording import format_time


def test_what_the_demo_advises_works_and_stays_in_its_folder(
    demo_built, tmp_path, own_home, monkeypatch, capsys
):
    folder = tmp_path / "a demo"
    shutil.copytree(demo_built.folder, folder)
    _tell_next(replace(demo_built, folder=folder), format_time(demo_built.closing)[:10])
    _, first, *others = (shlex.split(line) for line in capsys.readouterr().out.splitlines())
    assert first[0] == "export"
    name, _, value = first[1].partition("=")
    assert name == "CHAINLOG_HOME"
    monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert len(others) == 7
    for words in others:
        # 'enter' ends where nobody answers.
        done = run(*words[1:], stdin="")
        assert done.code == 0, (words, done)
    assert list(own_home.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"a demo", "howitzer.evidence"}
