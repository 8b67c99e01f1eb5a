"""Who shows a correction with the photograph that its replacement names puts another one into the
file.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 10
CODE = "attachment"


def attack(world):
    photo = world.photo(b"photo of a seal").read_bytes()
    honest = world.evidence("brigade", [world.at("got 12, corrected")], attachments=[photo])
    return world.shown({**honest, "attachments": [b"photo of another seal"]}, honest)
