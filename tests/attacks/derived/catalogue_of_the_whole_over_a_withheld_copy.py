"""The other way round: the auditor looked at the whole ledger once, and is now shown a copy in
which it is withheld to whom it sent. What he says of it is what lies there, and no more.
"""

from __future__ import annotations

from attacks.derived import catalogue_of_a_withheld_copy as other
from attacks.derived.hand import withheld

asks = other.asks
WHOLE = []


def prepare(scene):
    depot = scene.chain("depot")
    WHOLE[:] = depot.bodies
    depot.bodies = withheld(depot, "dispatch", "to")
    depot.put()


def attack(scene):
    for path in scene.catalogues():
        path.unlink()
    depot = scene.chain("depot")
    less, depot.bodies = depot.bodies, list(WHOLE)
    depot.put()
    scene.ask(*asks(scene)[0])
    depot.bodies = less
    depot.put()
