"""Holding an audit of the demo to the manifest of its seeds, both ways.

Each planted finding is found, and nothing else is.
"""

from __future__ import annotations

from chainlog.format.keys import Ed25519Signer
from chainlog.ledger.ledger import Ledger
from chainlog.store.engine import EMPTY


def unmatched(findings, seeds, ids, types):
    """The rows that no finding fits, and the findings that fit no row; each fits one. `types`: of
    things by key.
    """
    left = list(findings)
    missed = []
    for row in seeds.findings:
        fitting = [one for one in left if _fits(one, row, ids, types)]
        if len(fitting) == 1:
            left.remove(fitting[0])
        else:
            missed.append((row.source, row.code, len(fitting)))
    return missed, [(one.code, one.sentence) for one in left]


def _fits(finding, row, ids, types):
    return (
        finding.code == row.code
        and {ids[label] for label in row.rests_on} <= set(finding.entries)
        and set(row.items) <= set(finding.items)
        and (row.count is None or row.count == len(finding.items))
        and (not row.party or row.party == finding.party)
        and (not row.type or {types.get(key) for key in finding.items} == {row.type})
    )


def gathered(built, order=None, stop=None):
    """A ledger in memory with the chains of the demo's sites, in an order of arrival.

    `stop`: how many entries of a site's chain.
    """
    ledger = Ledger.open(built.folder / "hq", marks=built.folder / "home" / "marks")
    eye = Ledger.create("memory:", *_eye())
    eye.engine = type(eye.engine)()
    for site in order or built.chains:
        chain = built.chains[site]
        records = [
            (one.entry, one.body) for one in ledger.engine.read(chain, 0, (stop or {}).get(site))
        ]
        if records:
            eye.engine.append(
                chain, eye.engine.head(chain) if chain in eye.engine.chains() else EMPTY, records
            )
    ledger.close()
    eye.chain = eye.engine.chains()[0]
    return eye


def _eye():
    signer = Ed25519Signer.from_seed(bytes(32))
    return {
        "origin": "test.example/eye",
        "site": "eye",
        "keys": [{"key": signer.key_id, "roles": ["owner"]}],
        "holders": [{"name": "eye"}],
    }, signer


def types_of(items):
    return dict(items.db.execute("SELECT key, type FROM subject"))
