"""CORRECT-FOREIGN: corrections by those who may not correct."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.custody.act import is_counted, may_correct
from chainlog.events.kinds import kinds_that
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.act import Act
    from chainlog.events.phrase import Params

PLACE: Final = 160


class Corrections(Family):
    """Corrections by those who may not correct."""

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "CORRECT-FOREIGN",
            "high",
            rule="a correction by a party without the authority to",
            group="correction",
            words={
                "en": (
                    "{name} of {party} corrected an entry of {other}'s, which it may not: it "
                    "changes nothing; ask {other}"
                ),
                "uk": (
                    "{name} ({party}) виправляє запис, який належить {other}, без права на це: "
                    "виправлення не діє; запитайте в {other}"
                ),
            },
        ),
    )
    kinds: ClassVar[frozenset[str]] = kinds_that("corrects")
    withheld: ClassVar[bool] = True

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Whether its author may correct what it corrects."""
        if act.standing == "taken back":
            return
        target = self.source.book.cited(act, "entry")
        if target is None or is_counted(act, target):
            return
        if not may_correct(act.correction or act, target):
            params: Params = {"name": act.signer.name, "party": act.party, "other": target.party}
            yield Spot.at(act, "CORRECT-FOREIGN", params)
