"""Who shows a dispatch with its photograph puts another photograph into the file. An attachment is
one that an entry in the file names, by its digest.
"""

from __future__ import annotations

VERDICT = "tampered"
STEP = 10
CODE = "attachment"


def attack(world):
    sent = world.at("sent 6")
    photo = next(
        path
        for path in (world.folder / "blobs").rglob("*")
        if path.is_file() and path.read_bytes() == b"photo 6"
    )
    honest = world.evidence("depot", [sent], attachments=[photo.read_bytes()])
    return world.shown({**honest, "attachments": [b"another photograph"]}, honest)
