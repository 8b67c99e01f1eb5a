"""The brigade corrects what it received, by a photograph, and the hub loses that photograph; an
auditor who asks for all attachments is told that one is not there.
"""

from __future__ import annotations

VERDICT = "cannot tell"
STEP = 10
CODE = "attachment-absent"


def attack(world):
    world.photo(b"photo of a seal").unlink()
    return world.given(options={"all_attachments": True})
