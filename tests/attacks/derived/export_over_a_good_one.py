"""The nightly export, to a file that has last night's: the chain cannot be read to its end any
more, and what was whole was replaced by less, with exit code 0. The file is left as it is.
"""

from __future__ import annotations

SAYS = "can be read up to entry"


def asks(scene):
    return [("export", "jsonl", "-o", str(scene.home / "nightly.jsonl"))]


def attack(scene):
    hq = scene.chain("hq")
    path = max(scene.world.path("hq").glob("*.seg"))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(100) + data[len(data) // 2 :])
    scene.good = (scene.home / "nightly.jsonl").read_bytes()
    assert len(scene.good.splitlines()) == hq.size


def check(scene):
    assert (scene.home / "nightly.jsonl").read_bytes() == scene.good
