"""What a desk is told in the first line; an authority's desk, and the sites that it admitted."""

from __future__ import annotations

from attacks.fuller.desks import Desk, copied
from support.chains import CLERK, OWNER, opening

from chainlog.ledger.copies import settle
from chainlog.ledger.ledger import Ledger


def verdict(desk, *words):
    """The exit code of `verify`, and its first line."""
    told = desk.run("verify", *words)
    return told.code, told.out.partition("\n")[0]


def cloned(desk, base):
    """A clone of a desk's laptop, whose user says that it is the only one."""
    clone = copied(desk, base, "clone")
    with clone.opened(CLERK) as ledger:
        settle(ledger, ledger.head)
    return clone


def authority(base, *sites):
    """A desk with an authority's chain, which admitted the sites and holds their chains.

    `sites`: names; each becomes a desk whose chain names the programme. Gives it and the desks.
    """
    hq = Desk(base, "hq")
    with Ledger.create(
        hq.folder, opening(origin="aid.example/hq"), OWNER, marks=hq.home / "marks"
    ) as ledger:
        hq.chain = ledger.chain
    return hq, [admitted(base, hq, name) for name in sites]


def admitted(base, hq, name):
    """A site's desk: its chain, which the authority admits and takes in."""
    desk, origin = Desk(base, name), f"aid.example/{name}"
    with Ledger.create(
        desk.folder,
        opening(origin=origin, programme=hq.chain),
        OWNER,
        marks=desk.home / "marks",
    ) as ledger:
        desk.chain = ledger.chain
    hq.tell("site.admit", {"chain": desk.chain, "origin": origin}, OWNER)
    assert hq.sync(desk).code == 0
    return desk
