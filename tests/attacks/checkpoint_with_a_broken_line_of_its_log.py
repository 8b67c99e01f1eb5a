"""Whoever has the disk rolls the depot back, and adds a line to the newest checkpoint that names
the depot's log and does not hold, to spoil the ones that do. Lines come from many hands: each holds
or not by itself, and one that does not spoils no other.
"""

from __future__ import annotations

from attacks.hands import resigned
from attacks.world import spoilt

from chainlog.format.note import Signature, format_note, parse_note

VERDICT = "tampered"
STEP = 8
CODE = "chain-rollback"


def attack(world):
    def spoil(data):
        note = parse_note(data)
        line = note.signatures[0]
        return format_note(
            resigned(note, *note.signatures, Signature(line.name, line.key_hash, bytes(64)))
        )

    return spoilt(world, spoil)
