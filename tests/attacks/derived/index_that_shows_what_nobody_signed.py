"""A courier writes an entry of his own behind the last one, that the depot's chief handed a
howitzer to a thief, and a row of the index that takes it for entry 5. Asked for by its id, it
was shown as the chief's. Without a mark the index is not asked: no such entry is in the chain.
"""

from __future__ import annotations

from attacks.derived.hand import forged, lay_index, put_beside, rows_of
from attacks.keys import key

PLACE = 5
CODES = [1, 0]


def forgery(scene):
    depot = scene.chain("depot")
    place = max(depot.segments()) + 1
    return place, *forged(depot, place, key("depot chief").key_id)


def asks(scene):
    place, name, _ = forgery(scene)
    true = scene.chain("depot").entry(place).id
    return [("show", name.hex(), "--json"), ("show", true.hex(), "--json")]


def attack(scene):
    depot = scene.chain("depot")
    place, name, record = forgery(scene)
    rows = rows_of(depot)
    rows[place] = put_beside(depot, place, record), name
    lay_index(depot, rows)
