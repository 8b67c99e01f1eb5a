"""Checkpoints made by hand, right or wrong, signed by anybody and cosigned by anybody, for chains
that `crafting` made.
"""

from __future__ import annotations

from chainlog.format.checkpoint import Checkpoint, format_origin_line
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.keys import Ed25519Signer
from chainlog.format.merkle import root
from chainlog.format.note import Note, format_note, format_vkey, parse_note, sign_note
from chainlog.verifier.roots import HeldNote
from chainlog.verifier.run import Segment, Source, verify

HUB, NGO, PRESS = (
    Ed25519Cosigner(f"witness.example/{name}", Ed25519Signer.from_seed(bytes([seed]) * 32))
    for name, seed in (("hub", 101), ("ngo", 102), ("press", 103))
)
VKEY = format_vkey(HUB.vkey)
ORIGIN = "example.org/depot"


def told_at(draft, size, *, root_of=None, origin=ORIGIN, chain=None):
    """What a checkpoint of the first `size` entries says.

    `root_of`: another chain whose root it names.
    """
    ids = [entry.id for entry in (root_of or draft).entries[:size]]
    return Checkpoint(format_origin_line(origin, chain or draft.chain), size, root(ids))


def sign(told, *signers, cosigned=(), name=None):
    """The note of a checkpoint; `signers` under the name of the log, `cosigned`.

    (witness, time) each.
    """
    lines = [sign_note(told.text, name or told.origin, signer) for signer in signers]
    return Note(told.text, (*lines, *(witness.cosign(told, time) for witness, time in cosigned)))


def checkpoint(draft, size, *signers, cosigned=(), **wrong):
    """The bytes of a checkpoint of the first `size` entries."""
    return format_note(sign(told_at(draft, size, **wrong), *signers, cosigned=cosigned))


def held(data, *, remembered=False):
    return HeldNote(
        "a checkpoint here", data if isinstance(data, bytes) else format_note(data), remembered
    )


def source(draft, *notes, chunks=None, **more):
    """A chain with the checkpoints held of it, which can be read once more."""
    data = chunks or [draft.segment()]
    options = {"again": lambda: [Segment("s", data, 0)], **more}
    return Source(
        f"chain {draft.chain.hex()[:8]}",
        [Segment("s", data, 0)],
        draft.chain,
        checkpoints=notes,
        **options,
    )


def verified(draft, *notes, **options):
    return verify([source(draft, *notes)], **options)


def found(report):
    """All that was found, by its step and code."""
    return [(one.step, one.code) for one in (*report.faults, *report.missing)]


def with_line(data, line):
    """A note with one more signature line."""
    note = parse_note(data)
    return format_note(Note(note.text, (*note.signatures, line)))
