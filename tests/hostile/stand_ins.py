"""What stands in the place of a file that a command reads: a pipe, a device, a hole, a loop.

    python tests/hostile/stand_ins.py              every command
    python tests/hostile/stand_ins.py verify sync  only these

Which files and folders a command reads is seen by watching it read them. Each is replaced by each
of `STAND_INS`, one at a time, and the command run again in a process of its own: it must end by
itself, with an exit code and no traceback, within seconds and `MEMORY_LIMIT`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile.growth import MEMORY_LIMIT, load_all, measure
from support.command import run

# Of processor time: what reads without end uses it up. What waits without end is seen by the
# clock, which a busy machine moves, too.
SECONDS = 10
WAITED = 60
# What the interpreter tells of a command while it reads.
READS = {"open", "os.listdir", "os.scandir", "sqlite3.connect"}


def _socket(path):
    with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)


def _hole(path):
    path.touch()
    os.truncate(path, 2**40)


def _long(path):
    path.symlink_to("../" * 1000 + "x")


STAND_INS = {
    "pipe": os.mkfifo,
    "zeros": lambda path: path.symlink_to("/dev/zero"),
    "terminal": lambda path: path.symlink_to("/dev/tty"),
    "loop": lambda path: path.symlink_to(path.name),
    "nowhere": _long,
    "folder": lambda path: path.mkdir(),
    "own folder": lambda path: path.symlink_to("."),
    "empty": lambda path: path.touch(),
    "hole": _hole,
    "socket": _socket,
    "process": lambda path: path.symlink_to("/proc/self/mem"),
}


def build(place):
    """Two ledgers and a user's folder with a file of every sort, made by the command."""
    os.environ["CHAINLOG_HOME"] = str(place / "home")
    os.environ["CHAINLOG_LANG"] = "en"
    (place / "photo.jpg").write_bytes(b"photo" * 1000)
    (place / "rows.csv").write_text(
        "kind,event_time,from,to,lines.item.uii\ntransfer,2024-03-01T10:00:00Z,A,B,U1\n"
    )
    hand = ["transfer", "--item", "ACME/P-1/77", "--from", "Depot", "--to", "Brigade", "--yes"]

    def do(*words):
        told = run(*words, folder=place)
        assert told.code == 0, (words, told.err)
        return told.out

    do("key", "new", "home/key.pem", "--no-passphrase")
    do("key", "new", "two.pem", "--no-passphrase")
    origin = ["--site", "S", "--holder", "H"]
    trust = do("--key", "home/key.pem", "init", "mine", "--origin", "a.org/m", *origin).split()[0]
    do("--key", "two.pem", "init", "theirs", "--origin", "a.org/t", "--programme", trust, *origin)
    for ledger in ("mine", "theirs"):
        do("--ledger", ledger, *hand, "--attach", "photo.jpg", "--document", f"D-{ledger}")
        do("--ledger", ledger, "checkpoint")
    do("--ledger", "mine", "publish", "public", "--yes")
    do("--ledger", "mine", "evidence", "make", "D-mine", "-o", "it.evidence", "--unwitnessed")
    do("--ledger", "mine", "verify", "--resume")
    (place / "proof.txt").write_text(do("--ledger", "mine", "prove", "D-mine"))
    (place / "told.note").write_text(do("--ledger", "mine", "checkpoint"))
    (place / "audit.toml").write_text("silent_days = 9\n")
    shutil.copy(place / "audit.toml", place / "theirs")
    theirs, mine = ["--ledger", "theirs"], ["--ledger", "mine"]
    return {
        "verify": ["verify", "theirs", "--trust", trust, "--attachments"],
        "resume": [*mine, "verify", "--resume"],
        "given": ["verify", "mine", "--checkpoint", "told.note"],
        "status": [*theirs, "status"],
        "log": [*theirs, "log", "--all"],
        "show": [*theirs, "show", "D-theirs"],
        "audit": [*theirs, "audit"],
        "settings": [*mine, "audit", "--settings", "audit.toml"],
        "trace": [*theirs, "trace", "77"],
        "export": [*theirs, "export", "--format", "csv"],
        "sync": [*mine, "sync", "theirs"],
        "prove": [*theirs, "prove", "D-theirs"],
        "withhold": [*theirs, "withhold", "copy", "--field", "note"],
        "evidence": ["evidence", "check", "it.evidence", "--trust", trust],
        "make": [*mine, "evidence", "make", "D-mine", "-o", "new.evidence", "--unwitnessed"],
        "publish": [*mine, "publish", "public", "--yes"],
        "checkpoint": [*mine, "checkpoint"],
        "take": [*mine, "checkpoint", "--take", "told.note"],
        "add": [*mine, *hand],
        "import": [*mine, "import", "rows.csv", "--dry-run"],
        "key": ["--key", "home/key.pem", "key", "show"],
    }


def read_by(words, folder):
    """The files and folders below `folder` that a command reads, relative to it."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        seen = set()

        def watch(event, given):
            if event in READS and isinstance(given[0], str | os.PathLike):
                seen.add(str(Path(given[0]).absolute()))

        sys.addaudithook(watch)
        os.environ["CHAINLOG_HOME"] = str(folder / "home")
        run(*words, folder=folder)
        with os.fdopen(writing, "w") as out:
            json.dump(sorted(seen), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        paths = [Path(path) for path in json.loads(told.read())]
    os.waitpid(child, 0)
    return [path.relative_to(folder) for path in paths if path.is_relative_to(folder)]


def _limited():
    """In the child: an end to what would have none."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    signal.alarm(WAITED)


def try_all(job):
    """What is wrong with one command where something stands in for one of what it reads."""
    place, label, words, path = job
    wrong = []
    for name, put in STAND_INS.items():
        with tempfile.TemporaryDirectory() as folder:
            own = Path(folder) / "own"
            shutil.copytree(place, own, symlinks=True)
            target = own / path
            if target.is_dir():
                shutil.rmtree(target)
            else:
                target.unlink()
            put(target)
            cost = measure(words, own, first=_limited)
        good = isinstance(cost.code, int) and cost.memory <= MEMORY_LIMIT
        if not good:
            wrong.append(f"{label:10} {name:10} {path}: {cost.code} {cost.memory / 2**20:.0f} MiB")
    return len(STAND_INS), wrong


def main():
    """Every command, or those that are named, on as many processors as there are."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("commands", nargs="*")
    wanted = parser.parse_args().commands
    load_all()
    count = failed = 0
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor() as workers:
        place = Path(folder) / "place"
        place.mkdir()
        jobs = []
        for label, words in build(place).items():
            if wanted and label not in wanted:
                continue
            own = Path(folder) / "own"
            shutil.copytree(place, own, symlinks=True)
            there = [one for one in read_by(words, own) if (place / one).exists() and one.parts]
            jobs += [(place, label, words, path) for path in there]
            shutil.rmtree(own)
        for tried, wrong in workers.map(try_all, jobs):
            count, failed = count + tried, failed + len(wrong)
            for line in wrong:
                print(line, flush=True)
    print(f"{len(jobs)} files and folders read, {count} stand-ins: {failed} went wrong")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
