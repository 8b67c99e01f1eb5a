"""Chains made by hand, entry by entry, so that a test can break any rule.

Fixed keys, salts and times.
"""

from __future__ import annotations

from hashlib import sha256

from chainlog.events.event import is_governing
from chainlog.events.kinds import MOVES_ROSTER
from chainlog.format import canonical
from chainlog.format.body import commit
from chainlog.format.entry import NO_ID, Entry, Header, entry_id
from chainlog.format.keys import Ed25519Signer
from chainlog.format.record import format_record
from chainlog.verifier.run import Segment, Source, verify

OWNER, CLERK, STRANGER, NEXT = (Ed25519Signer.from_seed(bytes([n]) * 32) for n in (1, 2, 3, 4))
EVENT_TIME = "2023-03-01T08:00:00Z"


def opening(*, keys=((OWNER, ["owner", "log"]), (CLERK, ["custodian"])), **more):
    return {
        "origin": "example.org/depot",
        "site": "Склад 7",
        "keys": [{"key": signer.key_id, "roles": list(roles)} for signer, roles in keys],
        "holders": [{"name": f"holder {n}"} for n in range(len(keys))],
        **more,
    }


def transfer(n=0, **more):
    item = {"maker": "1ABC2", "part": "M777", "serial": f"SN-{n}"}
    return {
        "event_time": EVENT_TIME,
        "from": "Порт",
        "to": "Склад 7",
        "lines": [{"item": item}],
        **more,
    }


def seal_raw(header, signer):
    """An entry of any header, right or wrong, signed all the same."""
    data = canonical.pack(header)
    raw = data + signer.sign(b"chainlog/v1/entry\n" + data)
    return Entry(raw, header, entry_id(raw))


class Draft:
    """A chain that grows by `add`; any header field can be set to what it should not be."""

    def __init__(self, open_fields=None, signer=OWNER):
        self.entries, self.bodies, self.pointer = [], [], 0
        self.add("chain.open", opening() if open_fields is None else open_fields, signer)

    @property
    def chain(self):
        return self.entries[0].id

    def add(self, kind, fields, signer=CLERK, /, *, body_held=None, moves=None, **wrong):
        index = len(self.entries)
        salt = sha256(b"salt %d" % index).digest()
        data, commitment = commit(fields, salt) if isinstance(fields, dict) else fields
        told = {
            "version": 1,
            "chain": self.entries[0].id if index else NO_ID,
            "prev": self.entries[-1].id if index else NO_ID,
            "index": index,
            "roster": self.pointer,
            "time": 1_700_000_000_000 + index,
            "author": signer.key_id,
            "kind": kind,
            "body": commitment,
        }
        self.entries.append(seal_raw(Header(**{**told, **wrong}), signer))
        self.bodies.append(data if body_held is None else body_held)
        if kind in MOVES_ROSTER if moves is None else moves:
            self.pointer = index
        return self.entries[-1]

    def records(self):
        return [
            format_record(entry.raw, body)
            for entry, body in zip(self.entries, self.bodies, strict=True)
        ]

    def segment(self):
        return b"".join(self.records())

    def verify(self, **options):
        return verify_bytes(self.segment(), self.chain, **options)


def small_chain(entries):
    """A sound chain of so many entries: the opening, then transfers."""
    draft = Draft()
    for number in range(1, entries):
        draft.add("transfer", transfer(number))
    return draft


def verify_bytes(data, chain=None, *, whole=True, last=True, **options):
    return verify(
        [
            Source(
                "here",
                [
                    Segment(
                        "00000000000000000000.seg",
                        [data] if data else [],
                        0 if whole else None,
                        last,
                    )
                ],
                chain,
                whole,
            )
        ],
        **options,
    )


def faults(report):
    return {(fault.step, fault.code) for fault in report.faults}


def missing(report):
    return {(one.step, one.code) for one in report.missing}


__all__ = [
    "CLERK",
    "NEXT",
    "OWNER",
    "STRANGER",
    "Draft",
    "faults",
    "is_governing",
    "missing",
    "opening",
    "small_chain",
    "transfer",
    "verify_bytes",
]
