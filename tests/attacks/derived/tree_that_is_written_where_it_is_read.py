"""Whoever hands over a ledger without the stored tree of a chain, or with one of zeros, has it
written there by an auditor who only looks, onto media that may be evidence. Of a chain without
a mark the tree is made in memory.
"""

from __future__ import annotations

from attacks.derived.hand import AS_OF


def asks(_scene):
    return [("audit", "--as-of", AS_OF, "--json")]


def prepare(scene):
    # The honest one was looked at before, by somebody who wrote it.
    for site in ("hq", "depot", "brigade", "port"):
        (scene.world.path(site) / "tree").write_bytes(b"")


def attack(scene):
    for site in ("depot", "brigade"):
        (scene.world.path(site) / "tree").write_bytes(bytes(32 * 64))
