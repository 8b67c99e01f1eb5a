"""A courier shows the auditor a copy of the depot in which it is withheld to whom it sent; later
the whole ledger lies there. Its entries have the same ids, so the answers stayed those of the
copy.
"""

from __future__ import annotations

from attacks.derived.hand import AS_OF, withheld


def asks(_scene):
    return [
        ("audit", "--as-of", AS_OF, "--json"),
        ("trace", "1ABC2/M777/SN-3", "--as-of", AS_OF, "--json"),
    ]


def attack(scene):
    for path in scene.catalogues():
        path.unlink()
    depot = scene.chain("depot")
    whole = list(depot.bodies)
    depot.bodies = withheld(depot, "dispatch", "to")
    depot.put()
    scene.ask(*asks(scene)[0])
    depot.bodies = whole
    depot.put()
