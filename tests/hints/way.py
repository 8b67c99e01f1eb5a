"""A hint as it was printed, and the way that it shows, taken as it is printed."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from types import SimpleNamespace
from unittest import mock

from support import command

_PLACEHOLDER = re.compile(r"\\\{.*?\\\}")
_ANY = "(?:'[^']*'|.)*?"  # no part of what is quoted
_COMMAND = re.compile(r"'(chainlog [^']+)'|(?<!')\b(chainlog (?:'[^']*'|[^';,)])+)")
# A command of the system, up to what is said of it.
_SYSTEM = re.compile(
    r"\b((?:cp|eval|mkdir|mv|openssl|pip|rm|ssh-add|ssh-keygen|sudo) .+?)"
    r"(?=[;,]| (?:makes one|adds a key|gives it|prints it|and then)\b|$)"
)
_ALLOWED = r"chainlog\ (?:--(?:ledger|key)\ \S+\ )*"


class Keyboard(io.StringIO):
    """A person who types."""

    def isatty(self):
        return True


class Person:
    """Somebody with a home of their own, a key in it, and a ledger that they opened."""

    def __init__(self, base, name="depot", *, programme=None):
        self.home, self.folder, self.name = base / f"{name}-home", base / name, name
        self.key = None  # the one that the ledger names
        self.run("key", "new", "--no-passphrase")
        more = () if programme is None else ("--programme", programme)
        told = self.run("init", self.folder, *self.opening(), *more)
        assert told.code == 0, told.err
        self.chain = told.out.strip()

    def opening(self):
        return ("--origin", f"aid.example/{self.name}", "--site", self.name, "--holder", "Олена")

    def run(self, *words, stdin=""):
        """The command as it is typed, by this person."""
        with mock.patch.dict(os.environ, CHAINLOG_HOME=str(self.home)):
            return command.run(*words, stdin=stdin)

    def apart(self, *words, out):
        """The command as a process of its own, whose standard output goes to a file."""
        done = subprocess.run(
            [sys.executable, "-m", "chainlog.cli.main", *map(str, words)],
            env={**os.environ, "CHAINLOG_HOME": str(self.home)},
            stdout=out,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
        return SimpleNamespace(code=done.returncode, out="", err=done.stderr)

    def at(self, *words, stdin=""):
        """The command over this person's ledger, from another folder."""
        key = () if self.key is None else ("--key", self.key)
        return self.run("--ledger", self.folder, *key, *words, stdin=stdin)

    def transfer(self, item="SN-1"):
        thing = ("--item", f"1ABC2/M777/{item}")
        return self.at("transfer", "--from", "Порт", "--to", "Склад 7", *thing, "--yes")

    def entries(self):
        """The entries of the chain as JSON has them, from the first."""
        lines = self.at("log", "--json").out.splitlines()
        return sorted(map(json.loads, lines), key=lambda one: one["index"])

    def chain_folder(self, chain=None):
        return self.folder / "chains" / (chain or self.chain)

    def shown(self, told, text):
        """A hint as it was printed, whose text is `text` in the code."""
        # Some are filled with nothing, such as options that nobody gave.
        pattern = _PLACEHOLDER.sub(lambda _: _ANY, re.escape(" ".join(text.split())))
        pattern = pattern.replace("chainlog\\ ", _ALLOWED)
        if text.endswith("}"):
            pattern = pattern.removesuffix(_ANY) + r"(?:'[^']*'|\S)+"
        printed = " ".join(f"{told.out} {told.err}".split())
        found = re.search(pattern, printed)
        assert found, f"not shown: {text}\nbut: {printed}"
        return found[0]

    def ways(self, told, text):
        """The commands of a hint as they were printed."""
        return ["".join(one).strip() for one in _COMMAND.findall(self.shown(told, text))]

    def system(self, told, text, *, way=0):
        """A command of the system that a hint names, as it was printed."""
        return _SYSTEM.findall(self.shown(told, text))[way]

    def words(self, told, text, *, way=0, **fills):
        """The words of a way as it was printed, its placeholders filled by name."""
        words = shlex.split(self.ways(told, text)[way])[1:]
        return [str(fills.get(word, word)) for word in words]

    def go(self, told, text, *more, way=0, **fills):
        """Take a way: run the command as it was printed, its placeholders filled by name.

        `more`: what else is to be named. `way`: which, where the hint names several.
        """
        return self.run(*self.words(told, text, way=way, **fills), *more)

    def type(self, line):
        """Take a way of several commands, one after the other, as in a shell."""
        for one in line.split(" && "):
            words = shlex.split(one)
            if words[0] == "chainlog":
                done = self.run(*words[1:])
                assert done.code == 0, done
            else:
                subprocess.run(["sh", "-c", one], check=True)
