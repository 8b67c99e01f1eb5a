"""A courier lays an index into the depot's chain that ends before the theft: its last row leads
to a second copy of that entry, at the end of the segment, after which nothing follows. Whoever
has no mark of the chain believes no index: all of it is listed, and that something follows it
is said.
"""

from __future__ import annotations

from attacks.derived.hand import lay_index, put_beside, rows_of

from chainlog.format.record import format_record

ENDS = "no entry"


def asks(scene):
    return [
        ("log", "--chain", scene.prefix("depot"), "--all", "--json"),
        ("export", "jsonl", "--chain", scene.prefix("depot")),
    ]


def attack(scene):
    depot = scene.chain("depot")
    rows, last = rows_of(depot), max(depot.segments())
    copy = format_record(depot.entries[last], depot.bodies[last])
    rows[last] = put_beside(depot, last, copy), rows[last][1]
    lay_index(depot, rows[: last + 1])
