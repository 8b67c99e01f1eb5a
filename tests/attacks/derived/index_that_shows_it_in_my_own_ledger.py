"""The same in a ledger that its reader has held all of: a row is believed only where the
entries beside it name the entry that it leads to, and are named by it.
"""

from __future__ import annotations

from attacks.derived import index_that_shows_what_nobody_signed as first

CODES, asks, attack = first.CODES, first.asks, first.attack


def prepare(scene):
    scene.mark("depot")
