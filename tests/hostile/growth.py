"""`make hostile`: how the cost of hostile input grows with its size.

    python tests/hostile/growth.py              every shape, at n and at 4n
    python tests/hostile/growth.py grants csv   only these, with what grew most

Each command runs in a process of its own. What it costs is counted, not timed: the calls that it
makes, Python's and C's, in all its threads, and the bytes that it reads. What C does within one
call shows in its processor time alone, which is judged by far, since this machine may be busy.
Memory is what the process came to hold beyond what it began with. Exit 1 where calls grow by
more than `GROWTH_LIMIT` for four times as much, bytes or time by more than theirs, or memory goes
beyond `MEMORY_LIMIT` and a few times the input.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import json
import os
import pkgutil
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile import shapes, wide_shapes

import chainlog
from chainlog.cli.main import main

SHAPES = {**shapes.SHAPES, **wide_shapes.SHAPES}
GROWTH_LIMIT = 4.5
# What is quadratic grows 16 times. A database reads its pages again; below a second nobody waits.
READ_LIMIT = 6.0
TIME_LIMIT = 9.0
MEMORY_LIMIT = 64 * 2**20
# What is read of files however large the input is: modules, catalogues, a disk's page or two.
READ_FLOOR = 2**20


@dataclass
class Cost:
    """What one command cost."""

    code: int | str = "died"
    seconds: float = 0.0
    memory: int = 0
    read: int = 0
    calls: Counter = field(default_factory=Counter)


def measure(words, folder, first=None):
    """The cost of `chainlog words…` in a folder, run in a process of its own.

    `first`: what the process does before.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        if first is not None:
            first()
        _run(words, folder, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        data = told.read()
    os.waitpid(child, 0)
    if not data:
        return Cost()
    told = json.loads(data)
    return Cost(**told | {"calls": Counter(told["calls"])})


def _run(words, folder, writing):
    """The child: runs the command, writes what it cost, and ends."""
    os.chdir(folder)
    os.environ["CHAINLOG_HOME"] = str(folder / "home")
    os.environ["CHAINLOG_LANG"] = "en"
    cost = Cost(0)
    held, read, began = _told("status", "VmRSS:"), _told("io", "rchar:"), time.process_time()
    with (
        Path(os.devnull).open("w") as nowhere,
        Path("stderr.txt").open("w") as said,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(said),
        counting(cost.calls),
    ):
        try:
            main(list(words))
        except SystemExit as left:
            cost.code = left.code
        except BaseException as error:  # noqa: BLE001  (whatever it is, it is a defect)
            cost.code = repr(error)[:200]
    cost.seconds = time.process_time() - began
    cost.memory = max(0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) * 1024
    cost.read = _told("io", "rchar:") - read
    with os.fdopen(writing, "w") as out:
        json.dump(vars(cost), out)
    os._exit(0)


@contextlib.contextmanager
def counting(calls):
    """Count calls by name, of this thread and of those that it starts."""
    counts = [cProfile.Profile()]

    def begin(*_):
        counts.append(cProfile.Profile())
        counts[-1].enable()

    threading.setprofile(begin)
    counts[0].enable()
    try:
        yield
    finally:
        counts[0].disable()
        threading.setprofile(None)
    for one in counts:
        for entry in one.getstats():
            code = entry.code
            name = (
                code if isinstance(code, str) else f"{Path(code.co_filename).name}:{code.co_name}"
            )
            calls[name] += entry.callcount


def _told(name, begins):
    """A number that the kernel tells of this process."""
    for line in Path(f"/proc/self/{name}").read_text().splitlines():
        if line.startswith(begins):
            return int(line.split()[1])
    return 0


def compare(name):
    """The rows of a shape's commands, and whether all of them stay within the limits."""
    shape, costs, sizes = SHAPES[name], {}, []
    with tempfile.TemporaryDirectory() as folder:
        for size in (1, shape.size, 4 * shape.size):
            place = Path(folder) / f"{name}-{size}"
            place.mkdir()
            commands = shape.make(place, size)
            sizes.append(sum(one.stat().st_blocks * 512 for one in place.rglob("*")))
            for label, words in commands.items():
                # A command may write an index: each has a copy of its own.
                own = Path(folder) / "own"
                shutil.copytree(place, own, symlinks=True)
                for one in own.rglob("chains/*"):
                    os.utime(one, (0, 0))  # it was not made in this second
                costs.setdefault(label, []).append(measure(words, own))
                shutil.rmtree(own)
    rows = [judged(name, label, sizes[-1], *three) for label, three in costs.items()]
    return [row for row, _ in rows], all(good for _, good in rows)


def judged(name, label, size, start, one, four):
    """A row of the table, and whether it is within the limits.

    What the command costs whatever it reads is no cost of the input.
    """
    growth = _growth(start.calls.total(), one.calls.total(), four.calls.total(), 1000)
    read = _growth(start.read, one.read, four.read, READ_FLOOR)
    longer = _growth(start.seconds, one.seconds, four.seconds, 0.001)
    good = (
        isinstance(four.code, int)
        and growth <= GROWTH_LIMIT
        and read <= READ_LIMIT
        and (longer <= TIME_LIMIT or four.seconds < 1)
        and four.memory <= MEMORY_LIMIT + 8 * size
    )
    row = (
        f"{name:16}{label:10}{size / 2**10:8.0f} KiB {four.calls.total():12,}{growth:6.2f} x"
        f" {four.read / 2**20:8.1f} MiB{read:6.2f} x {four.seconds:7.2f} s{longer:6.2f} x"
        f" {four.memory / 2**20:7.1f} MiB  exit {four.code}{'' if good else '   TOO MUCH'}"
    )
    if not good:
        more = {
            key: four.calls[key] - 4 * one.calls[key] + 3 * start.calls[key] for key in four.calls
        }
        for key, count in Counter(more).most_common(5):
            row += f"\n        {count:12,} more than four times as many: {key}"
    return row, good


def _growth(start, one, four, floor):
    return (four - start) / max(one - start, floor)


def load_all():
    """Import all of chainlog once, and not in each process."""
    for module in pkgutil.walk_packages(chainlog.__path__, "chainlog."):
        import_module(module.name)


def run():
    """Every shape, or those that are named, on as many processors as there are."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("shapes", nargs="*", choices=[[], *SHAPES], default=[])
    wanted = parser.parse_args().shapes or list(SHAPES)
    print(
        f"{'shape':16}{'command':10}{'input':>12} {'calls at 4n':>12}  growth {'read':>8} growth"
        f" {'time':>12}  growth {'memory':>8}"
    )
    load_all()
    fine = True
    with ProcessPoolExecutor() as workers:
        for rows, good in workers.map(compare, wanted):
            print("\n".join(rows), flush=True)
            fine &= good
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    run()
