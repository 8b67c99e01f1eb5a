"""EVID-*: files that are named and not held, and one picture for different things."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chainlog.audit.family import Family
from chainlog.audit.finding import Spot
from chainlog.events.kinds import CUSTODY
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.act import Act


class Attachments(Family):
    """What entries attach."""

    codes: ClassVar = ("EVID-MISSING", "EVID-REUSED")
    kinds: ClassVar = frozenset(shape.kind for shape in CUSTODY)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Whether its files are held."""
        if act.standing == "taken back":
            return
        states = {digest: self.source.attachment(digest) for digest in _attached(act)}
        wanting = [digest for digest, state in states.items() if state != "held"]
        if wanting:
            how = "is held with other content" if "mismatch" in states.values() else "is not held"
            told = (
                f"{len(wanting)} of the files that {act.signer.name} attached to {act.kind} {how}"
            )
            says = f"{told}, {wanting[0].hex()[:12]} first: ask for it"
            yield Spot(
                "EVID-MISSING", (act.id,), says, act, (), act.ids, act.party, act.text("place")
            )

    @override
    def rest(self) -> Iterator[Spot]:
        """One file for different things."""
        for digest, acts in self.source.reused:
            standing = [
                act for act in acts if act.standing != "taken back" and digest in _attached(act)
            ]
            told = [
                (act, frozenset(key for key, _ in self.source.book.things(act))) for act in standing
            ]
            told = [(act, things) for act, things in told if things]
            if _apart({things for _, things in told}):
                first = min((act for act, _ in told), key=lambda act: act.key)
                things = tuple(sorted({key for _, some in told for key in some}))
                entries = tuple(entry for act, _ in told for entry in act.ids)
                says = (
                    f"one file, {digest.hex()[:12]}, is attached for different things, "
                    f"{{things}}: ask for a picture of each"
                )
                yield Spot(
                    "EVID-REUSED",
                    (digest,),
                    says,
                    first,
                    things,
                    entries,
                    first.party,
                    first.text("place"),
                )


def _attached(act: Act) -> dict[bytes, None]:
    return dict.fromkeys(one["sha256"] for one in act.fields.get("attachments", ()))


def _apart(some: set[frozenset[str]]) -> bool:
    """Whether two of these have nothing in common.

    Of those that all have one thing in common, no two are compared.
    """
    if not some or frozenset.intersection(*some):
        return False
    listed = sorted(some, key=len)
    return any(one.isdisjoint(other) for at, one in enumerate(listed) for other in listed[at + 1 :])
