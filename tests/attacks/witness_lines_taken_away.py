"""Whoever has the disk takes the witnesses' lines off every checkpoint, so that a rewritten history
would look no worse than the true one. Without them nobody but the site vouches for what is here.
"""

from __future__ import annotations

from attacks.hands import resigned

from chainlog.format.note import format_note, parse_note

VERDICT = "cannot tell"
STEP = 8
CODE = "not-witnessed"


def attack(world):
    port = world.chain("port")
    for path in port.kept():
        note = parse_note(path.read_bytes())
        path.write_bytes(format_note(resigned(note, note.signatures[0])))
    return world.given()
