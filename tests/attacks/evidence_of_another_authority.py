"""An attacker makes a programme of his own, with an authority under the true one's origin and the
same witnesses, and a file that holds under it. The auditor trusts an id. That chain is not here.
"""

from __future__ import annotations

from attacks.hands import open_chain, opening_of
from attacks.keys import key, witness

from chainlog.format import canonical
from chainlog.format.note import format_vkey
from chainlog.verifier.evidence import check
from chainlog.verifier.report import Verdict

VERDICT = "cannot tell"
STEP = 9
CODE = "authority-absent"


def attack(world):
    honest = world.evidence("depot", [2])
    false = open_chain(world.home / "false", opening_of("hq"), key("false hq"))
    site = open_chain(
        world.home / "false", opening_of("depot", programme=false.id), key("false depot")
    )
    false.say("witness.admit", {"vkey": format_vkey(witness("one").vkey)}, key("false hq"))
    false.say("site.admit", {"chain": site.id, "origin": "aid.example/depot"}, key("false hq"))
    parts = [
        site.part([0], site.checkpoint(key("false depot"), "one")),
        false.part([1, 2], false.checkpoint(key("false hq"), "one")),
    ]
    told = {**honest, "chains": parts}
    assert check(canonical.pack(told), false.id).verdict is Verdict.HOLDS
    return world.shown(told, honest)
