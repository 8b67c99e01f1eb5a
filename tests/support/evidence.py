"""A programme for tests of evidence, made entry by entry.

An authority that admits a site and a witness, checkpoints, proofs.

told = Case()
data = told.data(site=[2])
report = check(data, told.authority.chain)
"""

from __future__ import annotations

from support.chains import CLERK, OWNER, STRANGER, Draft, opening, transfer

from chainlog.format import merkle
from chainlog.format.body import open_body, withhold
from chainlog.format.checkpoint import Checkpoint, format_origin_line, sign_checkpoint
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.evidence import Evidence, Part, Proven, format_evidence
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import Note, format_vkey

WITNESS = Ed25519Cosigner("witness.example/w1", Ed25519Signer.from_seed(b"w" * 32))
OTHER_WITNESS = Ed25519Cosigner("witness.example/w2", Ed25519Signer.from_seed(b"v" * 32))
HQ, DEPOT = "example.org/hq", "example.org/depot"
COSIGNED_AT = 1_700_000_500


def vkey_of(witness):
    return format_vkey(witness.vkey)


def note_of(
    draft, size=None, *, origin, signers=(OWNER,), witnesses=(WITNESS,), time=COSIGNED_AT, root=None
):
    """A checkpoint of a chain made by hand, signed and cosigned by whoever is named."""
    ids = [entry.id for entry in draft.entries][:size]
    told = Checkpoint(format_origin_line(origin, draft.chain), len(ids), root or merkle.root(ids))
    logs = [sign_checkpoint(told, signer).signatures[0] for signer in signers]
    return Note(told.text, (*logs, *(witness.cosign(told, time) for witness in witnesses)))


def proven(draft, index, size, body=None):
    """An entry with its body, or another, and its proof."""
    ids = [entry.id for entry in draft.entries]
    proof = merkle.inclusion_proof(ids, index, size) if index < size else []
    return Proven(
        draft.entries[index].raw, draft.bodies[index] if body is None else body, tuple(proof)
    )


def walk(draft, size):
    """The last entry and those that the pointers lead to from it."""
    found = [size - 1]
    while (before := draft.entries[found[-1]].header.roster) < found[-1]:
        found.append(before)
    return found


def hide(draft, index, *fields):
    """The body of an entry with fields withheld, or with all of them."""
    body, commitment = draft.bodies[index], draft.entries[index].header.body
    paths = open_body(body, commitment).paths
    return withhold(
        body,
        commitment,
        [
            path
            for path in paths
            if not fields or path in fields or path.partition("/")[0] in fields
        ],
    )


def part(draft, shown=(), size=None, *, note=None, bodies=None, leave=(), entries=None, **noting):
    """What a file holds of a chain: what is shown and what it stands on, but what is left out."""
    size = len(draft.entries) if size is None else size
    indexes = sorted({*shown, *walk(draft, size)} - {*leave})
    told = (
        [proven(draft, index, size, (bodies or {}).get(index)) for index in indexes]
        if entries is None
        else entries
    )
    return Part(note or note_of(draft, size, **noting), tuple(told))


class Case:
    """An authority `hq` that admits a witness (1) and a site (2), and the site's chain.

    Transfers at 1 and 2, a grant (3), a transfer.
    """

    def __init__(self):
        self.authority = Draft(opening(origin=HQ, site="HQ"))
        self.site = Draft(opening(programme=self.authority.chain))
        self.authority.add("witness.admit", {"vkey": vkey_of(WITNESS)}, OWNER)
        self.authority.add("site.admit", {"chain": self.site.chain, "origin": DEPOT}, OWNER)
        self.site.add("transfer", transfer(1))
        self.site.add("transfer", transfer(2, note="by night"))
        self.site.add(
            "key.grant",
            {"key": STRANGER.key_id, "roles": ["custodian"], "holder": {"name": "Third"}},
            OWNER,
        )
        self.site.add("transfer", transfer(4), CLERK)

    @property
    def trust(self):
        return self.authority.chain

    def authority_part(self, shown=(1, 2), **how):
        return part(self.authority, shown, **{"origin": HQ, **how})

    def site_part(self, shown=(2,), **how):
        return part(self.site, shown, **{"origin": DEPOT, **how})

    def evidence(self, *, site=None, authority=None, **more):
        return Evidence((site or self.site_part(), authority or self.authority_part()), **more)

    def data(self, **how):
        return format_evidence(self.evidence(**how))
