"""Proofs and publication at size: ratios of a long chain to a short one, measured in one run.

    python tests/bench/proving.py            1,000,000 entries against 1,000; then 10,000 more
    python tests/bench/proving.py --quick    100,000 entries against 1,000; then 10,000 more

The entries are synthetic, 250 bytes each; ids, tree and published folder are files. Jobs take
turns, and each figure is a median.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from chainlog.export.tiles import publish
from chainlog.format.checkpoint import Checkpoint, sign_checkpoint
from chainlog.format.keys import Ed25519Signer
from chainlog.format.merkle import verify_consistency, verify_inclusion
from chainlog.format.note import format_note
from chainlog.store.segment.cells import FileTree

SIGNER = Ed25519Signer.from_seed(b"b" * 32)
ORIGIN = "bench.example/log/" + "0" * 64
SHORT = 1000
NEW = 10_000
ROUNDS = 7
PROOFS = 300


def entry(n):
    return n.to_bytes(4) * 62 + b"\n\n"


class Chain:
    """A chain's derived files: its ids, and its tree."""

    def __init__(self, folder, size):
        folder.mkdir(parents=True)
        self.path, self.size = folder / "tree", size
        with (folder / "ids").open("wb") as file:
            for start in range(0, size, 4096):
                file.write(
                    b"".join(
                        [
                            sha256(b"\x00" + entry(n)).digest()
                            for n in range(start, min(start + 4096, size))
                        ]
                    )
                )
        self.file = os.open(folder / "ids", os.O_RDONLY)

    def ids(self, start, stop):
        return os.pread(self.file, (stop - start) * 32, start * 32)

    def tree(self, size=None):
        return FileTree(self.path, self.ids, self.size if size is None else size)

    def note(self, size):
        tree = self.tree()
        root = tree.root(size)
        tree.close()
        return format_note(sign_checkpoint(Checkpoint(ORIGIN, size, root), SIGNER))

    def prove(self, index, root):
        """Open, prove, check, close, as a command does."""
        tree = self.tree()
        proof = tree.inclusion(index, self.size)
        verify_inclusion(self.ids(index, index + 1), index, self.size, proof, root)
        tree.close()
        return proof

    def publish(self, size, note, folder):
        tree = self.tree(size)
        publish(tree, lambda start, stop: map(entry, range(start, stop)), note, folder)
        tree.close()


def timed(job):
    began = time.perf_counter()
    result = job()
    return time.perf_counter() - began, result


def catching_up(place, size):
    """The chain, and how long its tree takes.

    All of it, and again with nothing or one pair of entries new.
    """
    chain = Chain(place / str(size), size + NEW * (ROUNDS + 1))
    first, root = timed(lambda: chain.tree(size).root(size))
    more = [
        timed(lambda at=at: chain.tree(at).root(at))[0]
        for at in range(size + 2, size + 2 * ROUNDS, 2)
    ]
    chain.path.unlink()
    chain.tree(size).root(size)
    chain.size = size
    return chain, root, first, statistics.median(more)


def proving(short, long):
    """Seconds a proof, by chain: medians of rounds in which the chains take turns."""
    rng = random.Random(7)
    times = {chain.size: [] for chain, *_ in (short, long)}
    for _ in range(ROUNDS):
        for chain, root, *_ in (short, long):
            indexes = [rng.randrange(chain.size) for _ in range(PROOFS)]
            times[chain.size].append(
                timed(lambda c=chain, i=indexes, r=root: [c.prove(n, r) for n in i])[0] / PROOFS
            )
    return [statistics.median(one) for one in times.values()]


def publishing(place, chain):
    """Seconds for NEW entries more: after the whole chain, and into an empty folder.

    And for the whole chain.
    """
    big, grown, empty = place / "published", [], []
    size = chain.size
    chain.size += NEW * (ROUNDS + 1)
    first, _ = timed(lambda: chain.publish(size, chain.note(size), big))
    small = Chain(place / "small", NEW)
    note = small.note(NEW)
    for n in range(1, ROUNDS + 1):
        new = size + n * NEW
        told = chain.note(new)
        grown.append(timed(lambda new=new, told=told: chain.publish(new, told, big))[0])
        empty.append(timed(lambda n=n: small.publish(NEW, note, place / f"empty {n}"))[0])
        shutil.rmtree(place / f"empty {n}")
    return statistics.median(grown), statistics.median(empty), first


def show(what, figure, limit, more):
    print(f"{what:36} {figure:>18} {limit:6} {more}")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--quick", action="store_true")
    size = 100_000 if options.parse_args().quick else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        short, long = catching_up(place, SHORT), catching_up(place, size)
        print(f"a chain of {size:,} entries against one of {SHORT:,}; ratios are to the shorter")
        few, many = proving(short, long)
        show("one entry proven and checked", f"{many * 1e6:.0f} µs", "(2)", f"{many / few:.2f}")
        report_proofs(long[0], long[1])
        _, _, first, more = long
        per, per_short = first / size * 1e6, short[2] / SHORT * 1e6
        show(
            "tree made anew", f"{first:.2f} s", "", f"{per:.1f} µs an entry, {per / per_short:.2f}"
        )
        show("tree caught up with two more", f"{more * 1e6:.0f} µs", "", f"{more / short[3]:.2f}")
        show("tree on disk", f"{long[0].path.stat().st_size / size:.1f} bytes an entry", "", "")
        grown, empty, whole = publishing(place, long[0])
        show(
            f"{NEW:,} published after {size:,}",
            f"{grown * 1000:.0f} ms",
            "",
            f"{grown / empty:.2f} of {NEW:,} into an empty folder",
        )
        show(
            "all published",
            f"{whole:.1f} s",
            "",
            f"{whole / size * NEW / empty:.2f} an entry of that",
        )


def report_proofs(chain, root):
    tree, size = chain.tree(), chain.size
    longest = max(len(tree.inclusion(index, size)) for index in range(0, size, size // 97))
    levels = (size - 1).bit_length()
    show(
        "its proof",
        f"{longest * 32} bytes",
        "",
        f"{longest} hashes of 32 bytes, for {levels} levels",
    )
    assert longest <= levels
    times = []
    for n in range(1, ROUNDS + 1):
        older = size * n // (ROUNDS + 1) + 1
        first = tree.root(older)

        def job(older=older, first=first):
            proof = tree.consistency(older, size)
            verify_consistency(older, size, proof, first, root)
            return proof

        times.append(timed(job))
    told = statistics.median(seconds for seconds, _ in times)
    show(
        "two sizes proven consistent",
        f"{told * 1e6:.0f} µs",
        "",
        f"{max(len(proof) for _, proof in times)} hashes at most",
    )
    tree.close()


if __name__ == "__main__":
    main()
