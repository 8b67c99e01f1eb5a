"""Whoever has the disk rolls the depot back, and sets the bits in the root's base64 that decode to
nothing: lax readers would still take it. Base64 has one form here. What cannot be read is not
passed over.
"""

from __future__ import annotations

from attacks.world import spoilt

VERDICT = "cannot tell"
STEP = 8
CODE = "checkpoint-unreadable"


def attack(world):
    def surplus(data):
        lines = data.split(b"\n")
        last = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        lines[2] = lines[2][:-2] + bytes([last[last.index(lines[2][-2]) + 1]]) + b"="
        return b"\n".join(lines)

    return spoilt(world, surplus)
