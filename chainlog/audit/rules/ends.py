"""TERM-AFTER, RESURRECT, LOSS-*: things after their end, and losses badly reported.

They tell what was said of things after their end. They also tell of losses reported late, in part,
or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import AuditSource, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.phrases import day
from chainlog.custody.act import DAY_MS, milliseconds
from chainlog.events.kinds import kinds_that
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.state import ItemState
    from chainlog.events.phrase import Params

PLACE: Final = 80

# What a loss should say, and the sentence for what it does not.
_DETAILS: Final = ("lost_on", "place")
_MISSING: Final = {
    ("lost_on",): "LOSS-NODATE",
    ("place",): "LOSS-NODATE.place",
    ("lost_on", "place"): "LOSS-NODATE.date_place",
}


class Ends(Family):
    """Things used after their end, or seen again though nobody found them."""

    rules: ClassVar[tuple[FindingRule, FindingRule]] = (
        FindingRule(
            "TERM-AFTER",
            "high",
            rule=(
                "moved, packed, used or ended again after its end, or found though it was used "
                "up or destroyed (a final report of a loss is not)"
            ),
            group="entry",
            words={
                "en": "{things}: {how}: correct one of the two",
                "uk": "{things}: {how}: виправте один із двох записів",
            },
        ),
        FindingRule(
            "RESURRECT",
            "high",
            rule="received, counted or inspected after its end, with no `found`",
            group="entry",
            words={
                "en": "{things}: {how}: record that it was found, or correct the entry",
                "uk": "{things}: {how}: запишіть, що це знайшлося, або виправте запис",
            },
        ),
    )

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """What the fold of one item noted."""
        for broken in state.breaks:
            if broken.code in self.codes and broken.other is not None:
                yield Spot.at(broken.act, broken.code, {"how": broken.why}, state.key)


def delay_days(final: Act, initial: Act | None = None) -> int | None:
    """Whole days from the day of a loss to that of its final report.

    None where neither report has the date of the loss.
    """
    lost_on = final.text("lost_on") or (initial.text("lost_on") if initial is not None else "")
    return final.when // DAY_MS - milliseconds(lost_on) // DAY_MS if lost_on else None


def initial_of(final: Act, source: AuditSource) -> Act | None:
    """The initial report that a final one makes final, or None.

    It is given where the final report names one that is held and stands.
    """
    initial = source.book.cited(final, "initial")
    if (
        initial is None
        or initial.does.step != "loses"
        or initial.standing == "taken back"
        or initial.text("report") != "initial"
    ):
        return None
    return initial


class Losses(Family):
    """Reports of losses."""

    rules: ClassVar[tuple[FindingRule, FindingRule, FindingRule]] = (
        FindingRule(
            "LOSS-LATE",
            "medium",
            rule="the final report came more than `loss_days` (30) after the loss",
            group="final report",
            words={
                "en": (
                    "the final report of {things} came {days} days after the loss, {most} are "
                    "allowed"
                ),
                "uk": (
                    "остаточне донесення про {things} надійшло через {days} дн. після втрати, "
                    "дозволено {most}"
                ),
            },
        ),
        FindingRule(
            "LOSS-NODATE",
            "medium",
            rule="a loss has no date, or no place",
            group="loss",
            words={
                "en": (
                    "the loss of {things} has no date: ask {holder}, and report it in the final "
                    "report"
                ),
                "uk": (
                    "втрата, {things}: немає дати: запитайте в {holder} і зазначте це в "
                    "остаточному донесенні"
                ),
            },
            variants={
                "place": {
                    "en": (
                        "the loss of {things} has no place: ask {holder}, and report it in the "
                        "final report"
                    ),
                    "uk": (
                        "втрата, {things}: немає місця: запитайте в {holder} і зазначте це в "
                        "остаточному донесенні"
                    ),
                },
                "date_place": {
                    "en": (
                        "the loss of {things} has no date and no place: ask {holder}, and "
                        "report it in the final report"
                    ),
                    "uk": (
                        "втрата, {things}: немає ні дати, ні місця: запитайте в {holder} і "
                        "зазначте це в остаточному донесенні"
                    ),
                },
            },
        ),
        FindingRule(
            "LOSS-OPEN",
            "medium",
            rule="an initial report was not made final within `loss_days` of it",
            group="initial report",
            words={
                "en": (
                    "the loss of {things} was reported on {day} and never made final: ask "
                    "{holder} for the final report"
                ),
                "uk": (
                    "про втрату ({things}) донесено {day}, остаточного донесення немає: "
                    "запитайте його в {holder}"
                ),
            },
        ),
    )
    kinds: ClassVar[frozenset[str]] = kinds_that("loses")

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        super().__init__(source, settings)
        # Of initial reports: the things that final ones which name them list, and what these say
        # that the initial one may not.
        self.final: defaultdict[bytes, set[str]] = defaultdict(set)
        self.told: defaultdict[bytes, set[str]] = defaultdict(set)
        # The latest final report of a thing that names no initial one.
        self.alone: dict[str, int] = {}
        for act in source.book.acts(*self.kinds):
            if act.standing != "taken back" and act.text("report") == "final":
                initial = initial_of(act, source)
                things = [key for key, _ in source.book.things(act)]
                if initial is not None:
                    self.final[initial.id].update(things)
                    self.told[initial.id].update(name for name in _DETAILS if act.text(name))
                else:
                    self.alone.update(
                        (key, max(act.when, self.alone.get(key, act.when))) for key in things
                    )

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """What one report shows."""
        if act.standing == "taken back":
            return
        things = tuple(key for key, _ in self.source.book.things(act))
        initial = initial_of(act, self.source) if act.text("report") == "final" else None
        if act.text("report") == "final":
            days = delay_days(act, initial)
            if days is not None and days > self.settings.loss_days:
                params: Params = {"days": days, "most": self.settings.loss_days}
                yield _spot("LOSS-LATE", act, params, things)
        elif self.source.as_of - act.when > self.settings.loss_days * DAY_MS:
            still = tuple(
                key
                for key in things
                if key not in self.final.get(act.id, ())
                and self.alone.get(key, act.when - 1) < act.when
            )
            if still:
                params = {"day": day(act.when), "holder": act.giver}
                yield _spot("LOSS-OPEN", act, params, still)
        missing = tuple(
            name
            for name in _DETAILS
            if not (act.text(name) or act.hides(name)) and name not in self.told.get(act.id, ())
        )
        if missing and initial is None:
            yield _spot(_MISSING[missing], act, {"holder": act.giver}, things)


def _spot(key: str, act: Act, params: Params, things: tuple[str, ...]) -> Spot:
    return Spot.at(act, key, params, *things, party=act.giver)
