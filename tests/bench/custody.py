"""Custody and audit at size: ratios of a large ledger to one a tenth of it, measured in one run.

    python tests/bench/custody.py            100,000 items in 1,000,000 entries, against a tenth
    python tests/bench/custody.py --quick    5,000 items and 50,000 entries, against 500 and 5,000

Four sites, a hundred holders, each with a key of its own: what is registered is dispatched and
received, handed over and accepted, inspected; nothing in it is wrong. Each ledger is read in
processes of its own, so that memory is that of one job.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.custody.item import fold_item
from chainlog.events.event import Event
from chainlog.format.keys import Ed25519Signer
from chainlog.index.audit_source import gather
from chainlog.index.index import Items
from chainlog.ledger.ledger import Ledger
from chainlog.store.engine import EMPTY

BEGAN = 1_600_000_000_000
STEP = 60_000
SITES = 4
HOLDERS = 100
BATCH = 50
NEW = 1000
ROUNDS = 7


def key(holder):
    return Ed25519Signer.from_seed(sha256(f"bench {holder}".encode()).digest())


def key_of(n):
    return f"1ABC2/M777/S{n:07d}"


class Programme:
    """The ledger of all four sites, and what its next entries will say."""

    def __init__(self, folder, items):
        self.folder, self.items, self.now, self.count = folder, items, BEGAN, 0
        self.rng = random.Random(7)
        self.keys = {f"P{n}": key(n) for n in range(HOLDERS)}
        self.site_of = {f"P{n}": n % SITES for n in range(HOLDERS)}
        self.holder = {}
        self.pending = []
        self.ledgers = []

    def open(self):
        engine = None
        for site in range(SITES):
            people = [party for party, at in self.site_of.items() if at == site]
            opening = {
                "origin": f"bench.example/s{site}",
                "site": f"site {site}",
                "keys": [
                    {"key": self.keys[party].key_id, "roles": ["owner", "custodian"]}
                    for party in people
                ],
                "holders": [{"name": party, "party": party} for party in people],
            }
            if engine is None:
                first = Ledger.create(
                    self.folder,
                    opening,
                    self.keys[people[0]],
                    marks=self.folder.parent / "marks",
                    clock=self.clock,
                )
                engine = first.engine
                self.ledgers.append(first)
                continue
            opening["programme"] = self.ledgers[0].chain
            alone = Ledger.create("memory:", opening, self.keys[people[0]], clock=self.clock)
            engine.append(
                alone.chain,
                EMPTY,
                [(one.entry, one.body) for one in alone.engine.read(alone.chain)],
            )
            self.ledgers.append(Ledger(engine, alone.chain, self.keys[people[0]], clock=self.clock))
            fields = {"chain": alone.chain, "origin": opening["origin"]}
            self.ledgers[0].append(Event.parse("site.admit", fields))

    def clock(self):
        return self.now

    def said(self, party, kind, **fields):
        """One event more; those of a site are appended some hundred at a time."""
        self.now += STEP
        self.count += 1
        moment = datetime.fromtimestamp(self.now / 1000 - 30, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.pending.append(
            (
                self.site_of[party],
                party,
                self.now,
                Event.parse(kind, {"event_time": moment, **fields}),
            )
        )
        if len(self.pending) >= 2000:
            self.flush()

    def flush(self):
        end = self.now
        for site, ledger in enumerate(self.ledgers):
            mine = [one for one in self.pending if one[0] == site]

            def events(mine=mine, ledger=ledger):
                for _, party, moment, event in mine:
                    self.now, ledger.signer = moment, self.keys[party]
                    yield event

            for _ in ledger.append_groups(events()):
                pass
        self.pending, self.now = [], end

    def register(self):
        for start in range(0, self.items, BATCH):
            party = f"P{self.rng.randrange(HOLDERS)}"
            numbers = range(start, min(start + BATCH, self.items))
            self.holder |= dict.fromkeys(numbers, party)
            worth = {"amount": "1000", "currency": "USD", "basis": "acquisition"}
            lines = [self.line(n) | {"type": "M777", "value": worth} for n in numbers]
            self.said(
                party, "register", lines=lines, owner="donor", holder=party, monitoring="enhanced"
            )

    def line(self, n):
        return {"item": {"maker": "1ABC2", "part": "M777", "serial": f"S{n:07d}"}}

    def tell(self, entries):
        """So many entries more, about any items."""
        goal = self.count + entries
        while self.count < goal:
            n = self.rng.randrange(self.items)
            giver, taker = self.holder[n], f"P{self.rng.randrange(HOLDERS)}"
            what = self.rng.random()
            paper = {
                "from": giver,
                "to": taker,
                "lines": [self.line(n)],
                "document": f"D{self.count}",
            }
            if what < 0.4 or giver == taker:
                self.said(giver, "inspect", item=self.line(n)["item"], now="A", entry_mode="scan")
            elif what < 0.7:
                self.said(giver, "dispatch", **paper)
                self.said(taker, "receive", entry_mode="scan", **paper)
                self.holder[n] = taker
            else:
                self.said(giver, "transfer", **paper)
                self.said(taker, "accept", document=paper["document"], agreed=True)
                self.holder[n] = taker
        self.flush()

    def close(self):
        for ledger in self.ledgers:
            ledger.close()


def build(folder, items, entries):
    programme = Programme(folder, items)
    programme.open()
    programme.register()
    programme.tell(entries - programme.count)
    return programme


def opened(folder):
    return Ledger.open(folder, marks=folder.parent / "marks")


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def took(job, rounds=ROUNDS):
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        result = job()
        times.append(time.perf_counter() - began)
    return statistics.median(times), result


def job(name, folder):
    """One job in a process of its own; prints what it measured."""
    settings = Settings(open_days=36_500, silent_days=36_500)
    with opened(folder) as ledger:
        before = memory()
        began = time.perf_counter()
        with Items.of(ledger) as items:
            told = {"caught_up": time.perf_counter() - began}
            if name == "ask":
                told["trace"], _ = took(
                    lambda: fold_item(key_of(7), items.book().history(key_of(7)))
                )
                told["holdings"], held = took(lambda: list(items.views.holdings("P7")))
                told["held"] = len(held)
            if name == "audit":
                began = time.perf_counter()
                now = max(chain.time for chain in items.chains())
                found = audit(gather(items, None, now, lambda _: "held"), settings)
                told |= {"audit": time.perf_counter() - began, "findings": len(found)}
            told["memory"] = memory() - before
            told["rss"] = memory()
    print(json.dumps(told))


def run(name, folder):
    result = subprocess.run(
        [sys.executable, __file__, "--job", name, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(result.stdout)


def measure(place, items, entries):
    folder = place / f"{entries}" / "ledger"
    programme = build(folder, items, entries)
    told = {"items": items, "entries": entries, "build": run("catch up", folder)}
    told["ask"], told["audit"] = run("ask", folder), run("audit", folder)
    programme.tell(NEW)
    told["again"] = run("catch up", folder)
    programme.close()
    index = next((folder.parent / "items").glob("*.sqlite"))
    told["index_bytes"] = index.stat().st_size / entries
    return told


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    options.add_argument("--job", nargs=2)
    given = options.parse_args()
    if given.job:
        job(given.job[0], Path(given.job[1]))
        return
    items, entries = (5000, 50_000) if given.quick else (100_000, 1_000_000)
    with tempfile.TemporaryDirectory() as place:
        small, large = (
            measure(Path(place), items // 10, entries // 10),
            measure(Path(place), items, entries),
        )
        few = measure(Path(place) / "few", items // 10, entries)
    report(small, large, few)


def report(small, large, few):
    entries, items, first = large["entries"], large["items"], large["build"]["caught_up"]
    print(
        f"{items:,} items and {entries:,} entries, against {small['items']:,} and "
        f"{small['entries']:,}; ratios are to the smaller"
    )
    ask, again = large["ask"], large["again"]["caught_up"]
    show(
        "trace of one item",
        f"{ask['trace'] * 1000:.2f} ms",
        "(20)",
        f"{ask['trace'] / small['ask']['trace']:.2f}",
    )
    show(
        "holdings of one holder",
        f"{ask['holdings'] * 1000:.2f} ms",
        "(20)",
        f"{ask['held']:,} things",
    )
    show(
        "opening, nothing new",
        f"{ask['caught_up'] * 1000:.1f} ms",
        "",
        f"{ask['caught_up'] / small['ask']['caught_up']:.2f}; {SITES} chains",
    )
    per = [one["audit"]["audit"] / one["entries"] * 1e6 for one in (small, large)]
    show(
        "full audit",
        f"{large['audit']['audit']:.1f} s",
        "",
        f"{per[1]:.0f} µs an entry, {per[1] / per[0]:.2f}; {large['audit']['findings']} findings",
    )
    memory = [f"{one['audit']['memory']:.0f} MiB" for one in (large, few, small)]
    show(
        "  its memory",
        memory[0],
        "",
        f"with a tenth of the items {memory[1]}, of both {memory[2]}; whole process "
        f"{large['audit']['rss']:.0f} MiB",
    )
    show(
        "first catching up",
        f"{first:.1f} s",
        "",
        f"{first / entries * 1e6:.0f} µs an entry, verified; memory "
        f"{large['build']['memory']:.0f} MiB",
    )
    show(
        f"catching up with {NEW:,} more",
        f"{again * 1000:.0f} ms",
        "",
        f"{again / small['again']['caught_up']:.2f}; 1 / {first / again:.0f} of the whole",
    )
    show("index on disk", f"{large['index_bytes']:.0f} bytes an entry", "", "")


def show(what, figure, limit, more):
    print(f"{what:28} {figure:>18} {limit:6} {more}")


if __name__ == "__main__":
    main()
