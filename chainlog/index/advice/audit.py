"""What the audit's families, and the papers of its shipment, would say of a supposed act.

The families are asked as the audit asks them, with a book that knows the act, so that both always
judge alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from chainlog.audit.family import AuditSource, ChainFacts, GrantFacts
from chainlog.audit.rules.clocks import Clocks
from chainlog.audit.rules.consents import ThirdParties
from chainlog.audit.rules.corrections import Corrections
from chainlog.audit.rules.ends import Losses, delay_days
from chainlog.audit.rules.keys import Keys, role_fits
from chainlog.custody.act import DAY_MS, end_of
from chainlog.custody.shipment import Consignment, consignments
from chainlog.events.kinds import kinds_that
from chainlog.events.things import is_item
from chainlog.events.wording import format_time
from chainlog.index.advice.supposed import Foreseen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act, Touch
    from chainlog.index.advice.supposed import Supposed

# So many papers under one number are looked at: `б/н` is a number too.
_PAPERS: Final = 200
# So many shipments are named to one who received another.
_NAMED: Final = 3


class _Book:
    """A book in which the supposed act stands; of all others it knows what is asked for here."""

    def __init__(
        self,
        supposed: Supposed,
        touches: list[tuple[str, Touch]],
        consents: list[Act],
        papers: list[Act],
    ) -> None:
        self.supposed, self.touches, self.consents, self.paper = supposed, touches, consents, papers

    def acts(self, *kinds: str) -> Iterator[Act]:
        """The consents that name one of the things."""
        yield from self.consents if kinds_that("consents") & {*kinds} else ()

    def things(self, act: Act) -> list[tuple[str, Touch]]:
        """The things of an act, the supposed one's too."""
        return self.touches if act.id == self.supposed.act.id else self.supposed.book.things(act)

    def cited(self, act: Act, name: str) -> Act | None:
        """The act that a field cites."""
        return self.supposed.book.cited(act, name)

    def histories(self) -> Iterator[tuple[str, list[Touch]]]:
        """None: things are compared one by one (`custody.py`)."""
        yield from ()

    def hidden(self) -> Iterator[Act]:
        """None: who writes looks at what is shown here."""
        yield from ()

    def papers(self) -> Iterator[list[Act]]:
        """Those of the act's document."""
        yield self.paper


def by_families(
    supposed: Supposed, histories: Mapping[str, list[Touch] | None], settings: Settings
) -> Iterator[Foreseen]:
    """What shows of the act by itself.

    Who signs it, when, to whom things go, what a loss leaves out.
    """
    act = supposed.act
    source = _source(supposed, histories)
    if supposed.named:
        own = Keys(source, settings).act(act)
        foreign = Corrections(source, settings).act(act) if act.does.step == "corrects" else ()
        for spot in (*own, *foreign):
            yield _of_key(supposed, spot.code)
        yield from _same_hand(supposed)
    yield from _clock(supposed)
    for spot in Clocks(source, settings).act(act):
        ahead = spot.code == "TIME-FUTURE"
        yield Foreseen(
            spot.code,
            "ahead" if ahead else "late",
            {} if ahead else {"days": (act.time - act.happened) // DAY_MS},
        )
    if act.kind in ThirdParties.kinds and _whole(supposed):
        for spot in ThirdParties(source, settings).act(act):
            yield Foreseen(spot.code, "outside", {"taker": act.taker}, spot.things)
    if act.does.step == "loses":
        for spot in Losses(source, settings).act(act):
            if spot.code == "LOSS-LATE":
                yield Foreseen(
                    spot.code, "loss_late", {"days": delay_days(act), "most": settings.loss_days}
                )
            elif spot.code == "LOSS-NODATE":
                missing = "_".join(name for name in ("lost_on", "place") if not act.text(name))
                yield Foreseen(spot.code, f"loss_without_{missing}")


def _of_key(supposed: Supposed, code: str) -> Foreseen:
    act, roster = supposed.act, supposed.roster
    if code == "KEY-REVOKED":
        return Foreseen(code, "key_ended", {"day": roster.keys[act.signer.key].until})
    if code == "CORRECT-FOREIGN":
        target = supposed.book.cited(act, "entry")
        return Foreseen(code, "not_yours", {"party": target.party if target else ""})
    assert not role_fits(act)
    return Foreseen(
        code,
        "behalf" if "recorder" in act.signer.roles else "role",
        {"roles": ", ".join(act.signer.roles)},
    )


def _same_hand(supposed: Supposed) -> Iterator[Foreseen]:
    """One key on both sides."""
    act = supposed.act
    cited = supposed.book.cited(act, "entry" if act.does.step == "accepts" else "dispatch")
    both = {("accepts", "hands over"), ("receives", "sends")}
    if (
        cited is not None
        and (act.does.step, cited.does.step) in both
        and cited.signer.key == act.signer.key
    ):
        yield Foreseen("CUST-SELF", "same_hand")


def _clock(supposed: Supposed) -> Iterator[Foreseen]:
    """A clock of this machine that stands before the last entry of the chain."""
    ledger = supposed.offers.items.ledger
    last = ledger.entry(ledger.head.size - 1).entry.header.time
    if supposed.act.time < last:
        yield Foreseen(
            "TIME-BACK",
            "clock_back",
            {"back": format_time(supposed.act.time), "last": format_time(last)},
        )


def _whole(supposed: Supposed) -> bool:
    """Whether all that says who is in the programme is held.

    The authority's chain, and every chain that it admits.

    The line is drawn here: any other party may be named in a roster that is merely not held, and an
    authority that has admitted nobody has no programme yet.
    """
    bodies = supposed.offers.bodies
    authority = bodies.get(supposed.act.signer.programme)
    return (
        authority is not None
        and bool(authority.admits)
        and all(chain in bodies for chain in authority.admits)
    )


def _source(supposed: Supposed, histories: Mapping[str, list[Touch] | None]) -> AuditSource:
    touches = [(key, touch) for key, touch in supposed.touches if histories.get(key) is not None]
    said = (touch.act for some in histories.values() for touch in some or ())
    consents = {act.id: act for act in said if act.does.step == "consents"}
    book = _Book(supposed, touches, list(consents.values()), [])
    chains = tuple(_chain(supposed, one.id) for one in supposed.offers.items.chains())
    return AuditSource(book, supposed.act.time, chains, _unasked)


def _unasked(digest: bytes) -> Literal["held", "absent", "mismatch"]:
    raise AssertionError(digest)


def _chain(supposed: Supposed, chain: bytes) -> ChainFacts:
    """A chain as far as these families look at it.

    The parties that it names, what it admits, and how long the signer's key is for.
    """
    row = next(one for one in supposed.offers.items.chains() if one.id == chain)
    body = supposed.offers.bodies[chain]
    grants = [GrantFacts(b"", "", party, (), 0, None) for party in sorted(body.parties)]
    own = supposed.roster.keys.get(supposed.act.signer.key)
    if chain == supposed.act.chain and own is not None:
        until = None if own.until is None else end_of(own.until)
        grants.append(
            GrantFacts(
                supposed.act.signer.key, own.name, own.party, tuple(own.roles), own.since, until
            )
        )
    admits = tuple((admitted, "", b"", 0) for admitted in body.admits)
    return ChainFacts(
        chain,
        row.origin,
        row.site or row.origin,
        row.programme,
        row.size,
        row.time,
        chain,
        row.closed is not None,
        row.problem,
        0,
        grants=tuple(grants),
        admits=admits,
    )


# Papers


def by_papers(supposed: Supposed) -> Iterator[Foreseen]:
    """Of a receipt: whether what arrived is what was sent, and whether anything was.

    It is told as far as that is held here.
    """
    act = supposed.act
    if act.does.step != "receives":
        return
    sent = supposed.book.cited(act, "dispatch")
    if sent is None and "dispatch" in act.fields:
        return  # it names an entry that is not held here
    document = act.text("document") if sent is None else sent.text("document")
    papers = supposed.offers.papers(document, sent, _PAPERS)
    if papers is None:
        return
    book = _Book(supposed, supposed.touches, [], [*papers, act])
    ours = next(
        one for one in consignments(book) if any(receipt.id == act.id for receipt in one.receipts)
    )
    if ours.dispatches or ours.advices:
        yield from _differing(supposed, ours)
        return
    # Only where a dispatch to this party is held are those who send to it held at all; elsewhere
    # every receipt would be warned of.
    open_ones = [one.act.text("document") for one in supposed.offers.sendings([act.taker])]
    if open_ones:
        more = "" if len(open_ones) <= _NAMED else ", …"
        told = {"open": ", ".join(open_ones[:_NAMED]) + more}
        told |= {"document": document} if document else {}
        yield Foreseen("SHIP-NOADVICE", "no_paper" if document else "no_document", told)


def _differing(supposed: Supposed, ours: Consignment) -> Iterator[Foreseen]:
    """What was sent and has not arrived, with this receipt and those before.

    And what arrived and was not sent.
    """
    now = {key for key, _ in supposed.touches}
    told: dict[str, Any] = {"document": ours.document}
    for (key, unit), much in ours.differences().items():
        if much < 0 and is_item(key):
            yield Foreseen("SHIP-QTY", "missing", told, (key,))
        elif key in now and is_item(key):
            yield Foreseen("SHIP-SERIAL", "not_sent", told, (key,))
        elif not is_item(key) and (key in now or much < 0):
            due, came = ours.due.get((key, unit)), ours.arrived.get((key, unit))
            amounts = {"sent": f"{due or 0} {unit}", "came": f"{came or 0} {unit}"}
            yield Foreseen("SHIP-QTY", "amount_differs", {**told, **amounts}, (key,))
