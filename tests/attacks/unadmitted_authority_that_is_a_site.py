"""An auditor is talked into trusting the depot's id in place of the authority's, in a message that
seems to come from the ministry. A chain that itself stands under an authority cannot be one: nobody
is trusted then.
"""

from __future__ import annotations

from chainlog.verifier.trust import Trust

VERDICT = "cannot tell"
STEP = 9
CODE = "not-authority"
HONEST = False


def attack(world):
    return world.given(trust=Trust(world.chains["depot"]))
