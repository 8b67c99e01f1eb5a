"""CHAIN-FOREIGN: entries about a programme's things in chains that are none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from chainlog.audit.family import AuditSource, ChainFacts, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.custody.hidden import NAMING
from chainlog.events.kinds import CUSTODY
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.events.phrase import Params

PLACE: Final = 122


class _Outside(NamedTuple):
    """An authority by which a chain counts for nothing, all of it or from an index on."""

    authority: ChainFacts
    suspended: bool
    start: int


class Outsiders(Family):
    """Chains that an authority did not admit, or accepts no more.

    Anybody may open a chain, name any programme in it, and hand it over with the others.
    """

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "CHAIN-FOREIGN",
            "high",
            rule=(
                "entries of a chain that the programme's authority did not admit count here; "
                "critical where it suspended the chain before them"
            ),
            group="chain, authority",
            words={
                "en": (
                    "{authority} did not admit the chain of {site}, and its entries count here: "
                    "have it admitted, or keep it in a ledger of its own"
                ),
                "uk": (
                    "{authority} не допускає ланцюг {site}, а його записи тут враховано: нехай "
                    "допустить, або тримайте його в окремому реєстрі"
                ),
            },
            variants={
                "suspended": {
                    "en": (
                        "{authority} accepts nothing of {site} from entry {start} on, and later "
                        "entries count here: ask both"
                    ),
                    "uk": (
                        "{authority} не приймає від {site} нічого, починаючи із запису {start}, "
                        "а пізніші записи тут враховано: запитайте обох"
                    ),
                },
            },
            severities={"suspended": "critical"},
        ),
    )
    kinds: ClassVar[frozenset[str]] = frozenset(shape.kind for shape in CUSTODY)
    withheld: ClassVar[bool] = True

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        super().__init__(source, settings)
        authorities = [chain for chain in source.chains if chain.programme == chain.id]
        inside = {one.id: {chain.id for chain in source.inside(one.id)} for one in authorities}
        refused = {(one.id, chain): start for one in authorities for chain, start in one.refuses}
        self.outside: dict[bytes, list[_Outside]] = {}
        self.site: dict[bytes, str] = {chain.id: chain.site for chain in source.chains}
        for chain in source.chains:
            for one in authorities:
                start = refused.get((one.id, chain.id))
                if chain.id not in inside[one.id] or start is not None:
                    told = _Outside(one, start is not None, start or 0)
                    self.outside.setdefault(chain.id, []).append(told)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Whether its chain is of the programme that it names, or that its things are of."""
        outside = self.outside.get(act.chain, ())
        if not outside or act.standing == "taken back":
            return
        things = self.source.book.things(act)
        known = [one for key, _ in things if (one := self.source.things.get(key)) is not None]
        programmes = {act.signer.programme, *(id_ for one in known for id_ in one.programmes)}
        for authority, suspended, start in outside:
            # Who hides what an entry names may mean any thing.
            meant = authority.id in programmes or (act.hides(*NAMING) and authority.admits)
            if meant and act.index >= start:
                params: Params = {"authority": authority.site, "site": self.site[act.chain]}
                key = "CHAIN-FOREIGN"
                if suspended:
                    key, params = f"{key}.suspended", {**params, "start": start}
                group = act.chain, authority.id, key
                named = (name for name, _ in things)
                yield Spot.at(act, key, params, *named, group=group, party=self.site[act.chain])
