"""KEY-*, CORRECT-FOREIGN: who signed what they should not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import AuditSource, Family, GrantFacts, RevocationFacts
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.phrases import NO_ROLE, REVOKED, day
from chainlog.events.kinds import CUSTODY
from chainlog.events.phrase import name_kind
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.events.phrase import Params

PLACE: Final = 110

_CUSTODY: Final = frozenset(shape.kind for shape in CUSTODY)


def role_fits(act: Act) -> bool:
    """Whether a key of these roles may sign an act of this kind.

    Being in force is the verifier's to check, this is advice.
    """
    roles = act.signer.roles
    if "custodian" in roles or ("inspector" in roles and act.does.inspector):
        return True
    return "recorder" in roles and (bool(act.text("on_behalf_of")) or act.hides("on_behalf_of"))


class Keys(Family):
    """Entries whose key does not fit.

    The entries are those in doubt since a key was lost, those after its time, and those of a kind
    that its roles do not fit.
    """

    rules: ClassVar[tuple[FindingRule, FindingRule]] = (
        FindingRule(
            "KEY-REVOKED",
            "critical",
            rule="signed within a revocation's `since`, or recorded after the grant's `until`",
            group="key",
            words={
                "en": (
                    "the key of {name} is {reason}, and signed entries that are in doubt: have "
                    "each vouched for or corrected"
                ),
                "uk": (
                    "ключ {name}: {reason}, а підписані ним записи під сумнівом: нехай кожен "
                    "підтвердять або виправлять"
                ),
            },
            variants={
                "until": {
                    "en": (
                        "the key of {name} was for use until {day}, and signed after it: grant "
                        "it anew, or revoke it"
                    ),
                    "uk": (
                        "ключ {name} дійсний до {day}, а підпис поставлено пізніше: надайте "
                        "ключ наново або відкличте"
                    ),
                },
            },
        ),
        FindingRule(
            "KEY-ROLE",
            "medium",
            rule="signed by a key whose roles do not fit",
            group="key, kind",
            words={
                "en": (
                    "{name} ({roles}) signed {kind}, for which these roles are not: have one "
                    "sign whose role it is, or change the roles"
                ),
                "uk": (
                    "{name} ({roles}) підписує, подія: {kind}, для чого ці ролі не призначені: "
                    "нехай підпише той, чия це роль, або змініть ролі"
                ),
            },
        ),
    )
    kinds: ClassVar[frozenset[str]] = _CUSTODY
    withheld: ClassVar[bool] = True

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        super().__init__(source, settings)
        self.doubts: dict[tuple[bytes, bytes], RevocationFacts] = {}
        self.untils: dict[tuple[bytes, bytes], list[GrantFacts]] = {}
        for chain in source.chains:
            self.doubts |= {(chain.id, key): one for key, one in chain.revoked.items()}
            for grant in chain.grants:
                self.untils.setdefault((chain.id, grant.key), []).append(grant)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Who signed it."""
        if act.standing != "taken back":
            yield from self._revoked(act)
            yield from self._role(act)

    def _revoked(self, act: Act) -> Iterator[Spot]:
        signer, where = act.signer, (act.chain, act.signer.key)
        doubt = self.doubts.get(where)
        if doubt is not None and doubt.doubt_from is not None and act.index >= doubt.doubt_from:
            reason = REVOKED[doubt.reason]() if doubt.reason in REVOKED else doubt.reason
            yield self._spot(act, "KEY-REVOKED", {"name": signer.name, "reason": reason}, where)
        grants = [grant for grant in self.untils.get(where, ()) if grant.since <= act.index]
        until = grants[-1].until if grants else None
        if until is not None and act.time > until:
            params: Params = {"name": signer.name, "day": day(until)}
            yield self._spot(act, "KEY-REVOKED.until", params, (*where, "until"))

    def _spot(self, act: Act, key: str, params: Params, group: tuple[object, ...]) -> Spot:
        things = (key for key, _ in self.source.book.things(act))
        return Spot.at(act, key, params, *things, group=group, entries=(act.id,))

    def _role(self, act: Act) -> Iterator[Spot]:
        if act.fields and not role_fits(act):
            params: Params = {
                "name": act.signer.name,
                "roles": tuple(act.signer.roles) or NO_ROLE(),
                "kind": name_kind(act.kind),
            }
            group = act.chain, act.signer.key, act.kind
            yield Spot.at(act, "KEY-ROLE", params, group=group, entries=(act.id,))
