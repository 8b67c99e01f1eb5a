"""An attacker builds a programme of his own: an authority under the very origin of the true one, a
site, a witness; all of it holds under itself. Trust is the id of the authority's first entry, and
that chain is not here.
"""

from __future__ import annotations

import shutil

from attacks.eyes import Given
from attacks.hands import open_chain, opening_of
from attacks.keys import key, witness

from chainlog.format.note import format_vkey
from chainlog.verifier.report import Verdict
from chainlog.verifier.trust import Trust

VERDICT = "cannot tell"
STEP = 9
CODE = "authority-absent"


def attack(world):
    shutil.rmtree(world.folder / "chains")
    (world.folder / "ledger.toml").unlink()
    false = open_chain(world.folder / "chains", opening_of("hq"), key("false hq"))
    site = open_chain(
        world.folder / "chains", opening_of("depot", programme=false.id), key("false depot")
    )
    false.say("witness.admit", {"vkey": format_vkey(witness("one").vkey)}, key("false hq"))
    false.say("site.admit", {"chain": site.id, "origin": "aid.example/depot"}, key("false hq"))
    for chain, name in ((false, "hq"), (site, "depot")):
        chain.keep(chain.checkpoint(key(f"false {name}"), "one"))
        chain.put()
    assert Given(world.folder, Trust(false.id)).verify().verdict is Verdict.HOLDS
    return world.given()
