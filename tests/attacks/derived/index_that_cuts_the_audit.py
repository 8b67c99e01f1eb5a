"""The same, before an auditor's first audit of the authority's ledger: what the brigade
reported of a loss is its last entry, and the finding of it goes with it. The audit takes in
what the segments hold, and says where one of them does not go on.
"""

from __future__ import annotations

from attacks.derived.hand import AS_OF, lay_index, put_beside, rows_of

from chainlog.format.record import format_record

ENDS = "what stands there is no entry 19 of this chain"


def asks(_scene):
    return [
        ("trace", "1ABC2/M777/SN-2", "--as-of", AS_OF, "--json"),
        ("holdings", "--as-of", AS_OF, "--each", "--json"),
    ]


def attack(scene):
    brigade = scene.chain("brigade")
    rows, last = rows_of(brigade), brigade.size - 2
    copy = format_record(brigade.entries[last], brigade.bodies[last])
    rows[last] = put_beside(brigade, last, copy), rows[last][1]
    lay_index(brigade, rows[: last + 1])
