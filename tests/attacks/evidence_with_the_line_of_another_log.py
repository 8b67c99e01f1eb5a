"""The auditor's policy names two logs, and not the brigade's, whose box holds the key of one of the
two: its line is given that one's name. A key signs for the log that it is named after; of another's
checkpoint its signature says nothing.
"""

from __future__ import annotations

from dataclasses import replace

from attacks.hands import resigned
from attacks.keys import key, witness

from chainlog.format.checkpoint import log_vkey
from chainlog.format.note import Signature, format_vkey
from chainlog.format.policy import parse_policy

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unsigned"
# The honest file has no line of a log that the policy names.
HONEST = False


def attack(world):
    brigade, at = world.chain("brigade"), [world.at("got 5")]
    named = log_vkey("aid.example/camp/" + "00" * 32, key("brigade box").key_id)
    logs = [named, log_vkey(world.chain("hq").origin, key("hq box").key_id)]
    lines = [
        *(f"log {format_vkey(log)}" for log in logs),
        f"witness one {format_vkey(witness('one').vkey)}",
        "quorum one",
        "",
    ]
    note = brigade.newest()
    value = next(line.value for line in note.signatures if line.name == brigade.origin)
    honest = world.evidence("brigade", at)
    spoilt = {**honest, "chains": [*honest["chains"]]}
    spoilt["chains"][0] = brigade.part(
        at, resigned(note, *note.signatures, Signature(named.name, named.key_hash, value))
    )
    return replace(
        world.shown(spoilt, honest),
        trust=replace(world.trust, policy=parse_policy("\n".join(lines).encode())),
    )
