"""`make hostile`: how the cost of hostile input grows with its size.

    python tests/hostile/growth.py              every shape, at n and at 4n
    python tests/hostile/growth.py grants csv   only these

Each command runs in a process of its own. What it costs is counted, not timed: the calls that it
makes, Python's and C's. What C does within one call shows in its processor time, which is printed
beside, and not judged: this machine may be busy. Memory is what the process came to hold beyond
what it began with. Exit 1 where a count grows by more than `GROWTH_LIMIT` for four times as much,
or memory goes beyond `MEMORY_LIMIT` and a few times the input.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile.shapes import SHAPES

from chainlog.cli.main import main

GROWTH_LIMIT = 4.5
MEMORY_LIMIT = 64 * 2**20


class Cost:
    """What one command cost."""

    def __init__(self, code, calls, seconds, memory):
        self.code, self.calls, self.seconds, self.memory = code, calls, seconds, memory


def measure(words, folder):
    """The cost of `chainlog words…` in a folder, run in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _run(words, folder, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        data = told.read()
    os.waitpid(child, 0)
    return Cost(**json.loads(data)) if data else Cost("died", 0, 0.0, 0)


def _run(words, folder, writing):
    """The child: runs the command, writes what it cost, and ends."""
    calls = [0]

    def count(frame, event, argument):
        del frame, argument
        calls[0] += event in {"call", "c_call"}

    os.chdir(folder)
    os.environ["CHAINLOG_HOME"] = str(folder / "home")
    os.environ["CHAINLOG_LANG"] = "en"
    code = 0
    held, began = _held(), time.process_time()
    with (
        Path(os.devnull).open("w") as nowhere,
        Path("stderr.txt").open("w") as said,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(said),
    ):
        sys.setprofile(count)
        try:
            main(list(words))
        except SystemExit as left:
            code = left.code
        except BaseException as error:  # noqa: BLE001  (whatever it is, it is a defect)
            code = repr(error)
        finally:
            sys.setprofile(None)
    told = {"code": code, "calls": calls[0], "seconds": time.process_time() - began}
    told["memory"] = max(0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - held)
    os.write(writing, json.dumps(told).encode())
    os._exit(0)


def _held():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def compare(name, shape, folder):
    """A row for each command of a shape; True where all of them stay within the limits."""
    costs, sizes = {}, []
    for size in (1, shape.size, 4 * shape.size):
        place = folder / f"{name}-{size}"
        place.mkdir()
        commands = shape.make(place, size)
        sizes.append(sum(one.stat().st_size for one in place.rglob("*") if one.is_file()))
        for label, words in commands.items():
            # A command may write an index: each has a copy of its own.
            own = folder / "own"
            shutil.copytree(place, own, symlinks=True)
            costs.setdefault(label, []).append(measure(words, own))
            shutil.rmtree(own)
    fine = True
    for label, (start, one, four) in costs.items():
        # What the command costs whatever it reads is no cost of the input.
        growth = (four.calls - start.calls) / max(one.calls - start.calls, 1)
        memory = four.memory <= MEMORY_LIMIT + 8 * sizes[-1]
        good = growth <= GROWTH_LIMIT and memory and isinstance(four.code, int)
        fine &= good
        longer = (four.seconds - start.seconds) / max(one.seconds - start.seconds, 0.001)
        print(
            f"{name:15}{label:10}{sizes[-1] / 2**10:8.0f} KiB {one.calls:11,} {four.calls:12,}"
            f" {growth:6.2f} x {longer:6.2f} x"
            f" {four.seconds:7.2f} s {four.memory / 2**20:7.1f} MiB  exit {four.code}"
            f"{'' if good else '   TOO MUCH'}",
            flush=True,
        )
    return fine


def run():
    """Every shape, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("shapes", nargs="*", choices=[[], *SHAPES], default=[])
    wanted = parser.parse_args().shapes or list(SHAPES)
    print(
        f"{'shape':15}{'command':10}{'input':>12} {'calls at n':>11} {'at 4n':>12} growth    time"
    )
    with tempfile.TemporaryDirectory() as folder:
        fine = [compare(name, SHAPES[name], Path(folder)) for name in wanted]
    sys.exit(0 if all(fine) else 1)


if __name__ == "__main__":
    run()
