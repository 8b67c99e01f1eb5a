"""Who shows a dispatch with its photograph puts another photograph into the file. An attachment is
one that an entry in the file names, by its digest.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 10
CODE = "attachment"


def attack(world):
    sent = world.at("sent 6")
    honest = world.evidence("depot", [sent], attachments=[world.photo(b"photo 6").read_bytes()])
    return world.shown({**honest, "attachments": [b"another photograph"]}, honest)
