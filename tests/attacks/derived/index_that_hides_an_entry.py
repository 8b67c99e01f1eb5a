"""A courier writes another id into one row of the index: whoever asks for the entry by its id
is told that there is none. Without a mark the segments are read.
"""

from __future__ import annotations

from attacks.derived.hand import lay_index, rows_of

PLACE = 6


def asks(scene):
    return [("show", scene.chain("depot").entry(PLACE).id.hex(), "--json")]


def attack(scene):
    depot = scene.chain("depot")
    rows = rows_of(depot)
    rows[PLACE] = rows[PLACE][0], bytes([7]) * 32
    lay_index(depot, rows)
