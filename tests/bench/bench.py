"""Ratios to raw primitives and to a hand-made SQLite table, in one run.

docs/design.md 'How fast' has the figures to reach.

    python tests/bench/bench.py            20,000 entries, and a chain of a million
    python tests/bench/bench.py --quick    5,000 entries, no million

Each figure is the median of several rounds in which the jobs take turns, so that a slow minute of
the machine falls on all alike. *Raw* is the bare loop of the same packing, commitment, hashing and
signing or verifying, with nothing around it.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from hashlib import sha256, shake_256
from pathlib import Path

import msgpack
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import chainlog.verifier.entry
from chainlog.events.event import Event
from chainlog.format.keys import Ed25519Signer, backend
from chainlog.ledger.at_path import verify_path
from chainlog.ledger.ledger import Ledger
from chainlog.verifier.report import Level, Verdict

SIGNER = Ed25519Signer.from_seed(b"b" * 32)
CORES = os.cpu_count() or 1


def fields(n):
    """The bench event: a transfer of three lines, 8 slots."""
    lines = [
        {"item": {"maker": "1ABC2", "part": "M777-A2", "serial": f"SN-{n}-{k}"}, "condition": "A"}
        for k in range(3)
    ]
    return {
        "event_time": "2023-03-01T08:00:00Z",
        "from": "Port of entry",
        "to": "Depot 7, Rivne",
        "place": "Rivne",
        "document": f"WB-{n}",
        "lines": lines,
    }


def slots(event):
    laid = []
    for name in sorted(event):
        value = event[name]
        if isinstance(value, list):
            laid += [(f"{name}/{k}", msgpack.packb(one)) for k, one in enumerate(value)]
        else:
            laid.append((name, msgpack.packb(value)))
    return laid


def sorted_deep(value):
    if isinstance(value, dict):
        return {name: sorted_deep(value[name]) for name in sorted(value)}
    return [sorted_deep(one) for one in value] if isinstance(value, list) else value


def commitment(laid, salt):
    salts = shake_256(salt).digest(16 * len(laid))
    digests = [
        [path, sha256(b"\x02" + salts[16 * k : 16 * k + 16] + value).digest()]
        for k, (path, value) in enumerate(laid)
    ]
    return sha256(b"\x03" + msgpack.packb(digests)).digest()


def raw_append(events, file=None):
    """The bare loop: pack, commit, sign, hash; with a file, also write and fdatasync each."""
    chain, prev, records = b"c" * 32, b"p" * 32, []
    for n, event in enumerate(events):
        salt = os.urandom(32)
        laid = slots(event)
        body = msgpack.packb([salt, laid])
        header = msgpack.packb(
            [
                1,
                chain,
                prev,
                n,
                0,
                1_700_000_000_000 + n,
                SIGNER.key_id,
                "transfer",
                commitment(laid, salt),
            ]
        )
        entry = header + SIGNER.private.sign(b"chainlog/v1/entry\n" + header)
        prev = sha256(b"\x00" + entry).digest()
        record = msgpack.packb([entry, body])
        records.append(record)
        if file is not None:
            os.write(file, record)
            os.fdatasync(file)
    return records


def raw_verify(records, holds):
    """The bare loop: unpack, hash, verify, commit."""
    for record in records:
        entry, body = msgpack.unpackb(record)
        header = msgpack.unpackb(entry[:-64])
        sha256(b"\x00" + entry).digest()
        holds(entry[-64:], b"chainlog/v1/entry\n" + entry[:-64])
        salt, laid = msgpack.unpackb(body)
        for _, value in laid:
            msgpack.unpackb(value)
        assert commitment(laid, salt) == header[8]


class Table:
    """What a user would write by hand.

    WAL, the same events chained by hash and signed, one row each.
    """

    def __init__(self, path, synchronous):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute(f"PRAGMA synchronous={synchronous}")
        self.db.execute(
            "CREATE TABLE log (n INTEGER PRIMARY KEY, prev BLOB, event BLOB, signature "
            "BLOB, id BLOB)"
        )
        self.n, self.prev = 0, bytes(32)

    def row(self, event):
        data = msgpack.packb(event)
        signature = SIGNER.private.sign(self.prev + data)
        row = (self.n, self.prev, data, signature, sha256(self.prev + data + signature).digest())
        self.n, self.prev = self.n + 1, row[4]
        return row

    def bulk(self, events):
        self.db.execute("BEGIN")
        for start in range(0, len(events), 512):
            self.db.executemany(
                "INSERT INTO log VALUES (?,?,?,?,?)",
                [self.row(event) for event in events[start : start + 512]],
            )
        self.db.execute("COMMIT")

    def single(self, event):
        self.db.execute("INSERT INTO log VALUES (?,?,?,?,?)", self.row(event))

    def verify(self):
        key, prev = Ed25519PublicKey.from_public_bytes(SIGNER.key_id[1:]), bytes(32)
        for _, before, data, signature, row_id in self.db.execute("SELECT * FROM log ORDER BY n"):
            assert before == prev
            key.verify(signature, prev + data)
            msgpack.unpackb(data)
            prev = sha256(before + data + signature).digest()
            assert prev == row_id


def took(job):
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def medians(jobs, rounds):
    """The median seconds of each job, the jobs taking turns."""
    times = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            times[name].append(took(job))
    return {name: statistics.median(each) for name, each in times.items()}


def show(name, ratio, least, goal, detail=""):
    print(f"{name:<58} {ratio:>8.2f}   at least {least:<8} goal {goal:<8} {detail}", flush=True)


class Bench:
    def __init__(self, folder, count, rounds):
        self.folder, self.rounds = folder, rounds
        self.plain = [sorted_deep(fields(n)) for n in range(count)]
        self.events = [Event.parse("transfer", fields(n)) for n in range(count)]
        self.count = count
        self.serial = 0

    def ledger(self):
        self.serial += 1
        place = self.folder / f"ledger-{self.serial}"
        opening = {
            "origin": "bench.example/site",
            "site": "Depot",
            "keys": [{"key": SIGNER.key_id, "roles": ["owner", "custodian"]}],
            "holders": [{"name": "Bench"}],
        }
        return Ledger.create(place, opening, SIGNER, marks=self.folder / "marks")

    def append(self):
        def ours():
            with self.ledger() as ledger:
                ledger.append_many(self.events)

        def table():
            self.serial += 1
            Table(self.folder / f"t{self.serial}.db", "NORMAL").bulk(self.plain)

        m = medians(
            {"raw": lambda: raw_append(self.plain), "ours": ours, "table": table}, self.rounds
        )
        each = f"({m['ours'] / self.count * 1e6:.0f} µs an entry)"
        show("bulk append: raw / ours", m["raw"] / m["ours"], "0.75", "0.9", each)
        show(
            "bulk append: SQLite table / ours",
            m["table"] / m["ours"],
            "-",
            "1.0",
            f"({m['table'] / self.count * 1e6:.0f} µs a row)",
        )

    def single(self):
        some = 300
        ledger = self.ledger()
        full = Table(self.folder / "full.db", "FULL")
        file = os.open(self.folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

        def ours():
            for event in self.events[:some]:
                ledger.append(event)

        def table():
            for event in self.plain[:some]:
                full.single(event)

        jobs = {"raw": lambda: raw_append(self.plain[:some], file), "ours": ours, "table": table}
        m = medians(jobs, self.rounds)
        ledger.close()
        os.close(file)
        show(
            "durable single append: (raw + fdatasync) / ours",
            m["raw"] / m["ours"],
            "0.8",
            "-",
            f"({m['ours'] / some * 1e6:.0f} µs an entry)",
        )
        show(
            "durable single append: SQLite FULL / ours",
            m["table"] / m["ours"],
            "1.5",
            "1.8",
            f"({m['table'] / some * 1e6:.0f} µs a row)",
        )

    def verify(self):
        with self.ledger() as ledger:
            ledger.append_many(self.events)
            place = ledger.folder
        records = raw_append(self.plain)
        self.serial += 1
        table = Table(self.folder / f"t{self.serial}.db", "NORMAL")
        table.bulk(self.plain)
        key = Ed25519PublicKey.from_public_bytes(SIGNER.key_id[1:])
        nacl = backend("nacl")

        def run(name, **options):
            def job():
                chainlog.verifier.entry.signature_holds = backend(name)
                report = verify_path(place, **options)
                assert report.verdict is Verdict.HOLDS

            return job

        known = verify_path(place, before={})
        jobs = {
            "raw": lambda: raw_verify(records, key.verify),
            "raw fast": lambda: raw_verify(records, lambda s, m: nacl(SIGNER.key_id, s, m)),
            "one": run("cryptography", parallel=1),
            "all": run("cryptography", parallel=CORES),
            "one fast": run("nacl", parallel=1),
            "all fast": run("nacl", parallel=CORES),
            "links": run("cryptography", parallel=1, level=Level.LINKS),
            "heads": run("cryptography", parallel=1, level=Level.HEADS),
            "table": table.verify,
            "resumed": run(
                "cryptography",
                parallel=1,
                before={told.verified.chain: told.verified for told in known.chains},
            ),
        }
        m = medians(jobs, self.rounds)
        per = {
            name: f"({seconds / self.count * 1e6:.1f} µs an entry)" for name, seconds in m.items()
        }
        show("full verify, one worker: raw / ours", m["raw"] / m["one"], "0.85", "0.95", per["one"])
        show(
            f"full verify, {CORES} workers: raw / ours",
            m["raw"] / m["all"],
            f"{0.8 * CORES * 0.85:.2f}",
            f"{0.95 * CORES * 0.95:.2f}",
            per["all"],
        )
        show(
            "full verify, one worker, fast: raw fast / ours",
            m["raw fast"] / m["one fast"],
            "0.85",
            "0.95",
            per["one fast"],
        )
        show(
            f"full verify, {CORES} workers, fast: SQLite verify / ours",
            m["table"] / m["all fast"],
            "1.6",
            "2.5",
            per["all fast"],
        )
        show("links: full, one worker / links", m["one"] / m["links"], "30", "60", per["links"])
        show(
            "all verified before: full, one worker / resumed",
            m["one"] / m["resumed"],
            "-",
            "-",
            per["resumed"],
        )
        show("heads: full, one worker / heads", m["one"] / m["heads"], "-", "-", per["heads"])
        chain = next((place / "chains").iterdir())
        body = sum(len(record) for record in records) / len(records)
        segment = sum(path.stat().st_size for path in chain.glob("*.seg")) / (self.count + 1)
        derived = (chain / "index").stat().st_size / (self.count + 1)
        print(
            f"disk: {segment:.0f} bytes an entry in segments (a raw record has "
            f"{body:.0f}), {derived:.0f} derived"
        )

    def million(self):
        places = {}
        for size in (1_000, 1_000_000):
            with self.ledger() as ledger:
                for _ in range(size // 1_000):
                    ledger.append_many(self.events[:1_000])
                places[size] = ledger.folder
        jobs = {
            size: lambda place=place: open_append_close(
                place, self.folder / "marks", self.events[0]
            )
            for size, place in places.items()
        }
        m = medians(jobs, 21)
        show(
            "open, append one, close: a million / a thousand",
            m[1_000_000] / m[1_000],
            "<= 1.3",
            "1.1",
            f"({m[1_000_000] * 1e3:.1f} ms)",
        )
        for level in ("links", "full"):
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            command = [
                sys.executable,
                "-m",
                "chainlog.cli.main",
                "verify",
                str(places[1_000_000]),
                "--level",
                level,
            ]
            start = time.perf_counter()
            assert subprocess.run(command, capture_output=True, check=False).returncode == 0
            peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
            seconds = time.perf_counter() - start
            print(
                f"verify a million entries, {level}: {seconds:.0f} s, at most "
                f"{peak / 1024:.0f} MiB (limit 200, goal 100)",
                flush=True,
            )


def open_append_close(place, marks, event):
    with Ledger.open(place, SIGNER, marks=marks) as ledger:
        ledger.append(event)


def cold_start():
    jobs = {
        "click": lambda: os.spawnv(
            os.P_WAIT, sys.executable, [sys.executable, "-c", "import click"]
        ),
        "ours": lambda: os.spawnv(
            os.P_WAIT,
            sys.executable,
            [
                sys.executable,
                "-c",
                (
                    "import os, sys; sys.stdout = open(os.devnull, 'w'); from "
                    "chainlog.cli.main import main; main(['--version'])"
                ),
            ],
        ),
    }
    m = medians(jobs, 11)
    show(
        "cold start: chainlog --version / import click",
        m["ours"] / m["click"],
        "<= 2.5",
        "-",
        f"({m['ours'] * 1e3:.0f} ms)",
    )


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--quick", action="store_true")
    quick = options.parse_args().quick
    folder = Path(tempfile.mkdtemp(prefix="chainlog-bench-"))
    try:
        bench = Bench(folder, 5_000 if quick else 20_000, 3 if quick else 5)
        cold_start()
        bench.append()
        bench.single()
        bench.verify()
        if not quick:
            bench.million()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
