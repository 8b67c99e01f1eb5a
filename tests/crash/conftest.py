"""The process from which the writers of a trial are forked, and the count of what was done."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest


class Driver:
    """`driver.py`: what a writer imports was imported once, so that a child costs a fork."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("driver.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _hear(self, word):
        assert select.select([self.process.stdout], [], [], 60)[0], "nothing for a minute"
        said, value = self.process.stdout.readline().split()
        assert said == word
        return int(value)

    def start(self, story, base, places=None):
        """The number of a child that has stopped before it begins.

        A writer's ledger lies in `base`; what any child says is kept there.
        """
        if places is None:
            places = [str(base / name) for name in ("ledger", "marks", "photo.jpg")]
        self.process.stdin.write(json.dumps([story, places, str(base / "told")]) + "\n")
        self.process.stdin.flush()
        return self._hear("child")

    def run(self, base, home, *arguments, story="command"):
        """Run `chainlog` with these arguments, not struck; gives `code`, `out`, `err`."""
        child = self.start(story, base, [str(home), *map(str, arguments)])
        os.kill(child, signal.SIGCONT)
        return self.end(base)

    def end(self, base):
        """Wait for the end of the child; gives `code`, `out`, `err`."""
        code = self._hear("exit")
        out, err = ((base / name).read_text() for name in ("told", "told.err"))
        return SimpleNamespace(code=code, out=out, err=err)


@pytest.fixture(scope="session")
def driver():
    driver = Driver()
    with driver.process:
        yield driver
    assert driver.process.returncode == 0


def pytest_terminal_summary(terminalreporter):
    """Say what each test counted, by `record_property("counted", …)`."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "counted" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid.split('::')[-1]}: {value}")
