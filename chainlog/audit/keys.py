"""KEY-*, CORRECT-FOREIGN: who signed what they should not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.clocks import day
from chainlog.audit.family import Family, Grant, Revocation, Source
from chainlog.audit.finding import Spot
from chainlog.custody.act import may_correct
from chainlog.events.kinds import CUSTODY
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act

_CUSTODY: Final = frozenset(shape.kind for shape in CUSTODY)


def role_fits(act: Act) -> bool:
    """Whether a key of these roles may sign an act of this kind.

    Being in force is the verifier's to check, this is advice.
    """
    roles = act.signer.roles
    if "custodian" in roles or ("inspector" in roles and act.does.inspector):
        return True
    return "recorder" in roles and bool(act.text("on_behalf_of"))


class Keys(Family):
    """Entries whose key does not fit, and corrections by strangers.

    The entries are those in doubt since a key was lost, those after its time, and those of a kind
    that its roles do not fit.
    """

    codes: ClassVar = ("KEY-REVOKED", "KEY-ROLE", "CORRECT-FOREIGN")
    kinds: ClassVar = _CUSTODY
    withheld: ClassVar = True

    def __init__(self, source: Source, settings: Settings) -> None:
        super().__init__(source, settings)
        self.doubts: dict[tuple[bytes, bytes], Revocation] = {}
        self.untils: dict[tuple[bytes, bytes], list[Grant]] = {}
        for chain in source.chains:
            for revocation in chain.revocations:
                known = self.doubts.get((chain.id, revocation.key))
                # A later one may say more, never less: it may be the thief's.
                if revocation.doubt_from is not None and (
                    known is None or revocation.doubt_from < (known.doubt_from or 0)
                ):
                    self.doubts[chain.id, revocation.key] = revocation
            for grant in chain.grants:
                self.untils.setdefault((chain.id, grant.key), []).append(grant)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Who signed it."""
        if act.standing != "taken back":
            yield from self._revoked(act)
            yield from self._role(act)
            yield from self._foreign(act)

    def _revoked(self, act: Act) -> Iterator[Spot]:
        signer, where = act.signer, (act.chain, act.signer.key)
        doubt = self.doubts.get(where)
        if doubt is not None and doubt.doubt_from is not None and act.index >= doubt.doubt_from:
            says = (
                f"the key of {signer.name} is {doubt.reason}, and signed entries that are in "
                "doubt: have each vouched for or corrected"
            )
            yield Spot(
                "KEY-REVOKED",
                where,
                says,
                act,
                self._things(act),
                (act.id,),
                act.party,
                act.text("place"),
            )
        grants = [grant for grant in self.untils.get(where, ()) if grant.since <= act.index]
        until = grants[-1].until if grants else None
        if until is not None and act.time > until:
            says = (
                f"the key of {signer.name} was for use until {day(until)}, and signed after "
                "it: grant it anew, or revoke it"
            )
            yield Spot(
                "KEY-REVOKED",
                (*where, "until"),
                says,
                act,
                self._things(act),
                (act.id,),
                act.party,
                act.text("place"),
            )

    def _role(self, act: Act) -> Iterator[Spot]:
        if act.fields and not role_fits(act):
            roles = ", ".join(act.signer.roles) or "no role"
            told = f"{act.signer.name} ({roles}) signed {act.kind}, for which these roles are not"
            says = f"{told}: have one sign whose role it is, or change the roles"
            yield Spot(
                "KEY-ROLE",
                (act.chain, act.signer.key, act.kind),
                says,
                act,
                (),
                (act.id,),
                act.party,
                act.text("place"),
            )

    def _foreign(self, act: Act) -> Iterator[Spot]:
        target = self.source.book.cited(act, "entry") if act.does.step == "corrects" else None
        # One that was itself corrected counts as what it was corrected to, by whoever did that.
        author = act.correction or act
        counted = (
            target is not None
            and target.correction is not None
            and target.correction.id == author.id
        )
        if target is not None and not counted and not may_correct(author, target):
            told = (
                f"{act.signer.name} of {act.party} corrected an entry of {target.party}'s, "
                "which it may not"
            )
            says = f"{told}: it changes nothing; ask {target.party}"
            yield Spot(
                "CORRECT-FOREIGN", (act.id,), says, act, (), act.ids, act.party, act.text("place")
            )

    def _things(self, act: Act) -> tuple[str, ...]:
        return tuple(key for key, _ in self.source.book.things(act))
