"""What was lost, when, and how late the final report came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chainlog.audit.rules.ends import delay_days, initial_of
from chainlog.custody.worth import worth_of, worth_together
from chainlog.events.kinds import kinds_that
from chainlog.index.questions.reply import JsonRow, Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.audit.family import AuditSource
    from chainlog.custody.act import Act
    from chainlog.custody.worth import Worth
    from chainlog.index.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class ReportedLoss(JsonRow):
    """One loss: its initial report and its final one, either of which may be missing.

    `reported` and `final`: when, in ms; `delay_days`: whole days from the loss to its final report,
    None where the loss has no date or no final report; `entries`: the reports.
    """

    holder: str
    cause: str
    place: str
    lost_on: str | None
    reported: int | None
    final: int | None
    delay_days: int | None
    things: tuple[str, ...]
    items: int
    value: Worth
    entries: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LossTotals(JsonRow):
    """What the losses come to.

    The mean is over final reports that have a date of loss, so many as `delays`, and over no
    others. `late`: how many of these came later than the settings allow.
    """

    reports: int
    items: int
    value: Worth
    final: int
    open: int
    dated: int
    undated: int
    mean_delay_days: int | None
    delays: int
    late: int
    by_cause: dict[str, int]


@dataclass(frozen=True, slots=True)
class LossFilter:
    """Which losses are meant; `late`: only those whose final report came too late."""

    holder: str | None = None
    cause: str | None = None
    late: bool = False


def losses_of(inquiry: Inquiry, only: LossFilter) -> Reply[ReportedLoss, LossTotals]:
    """Every loss, in order of its report that says most: the final one, or else the initial one."""
    allowed = inquiry.settings.loss_days
    source = inquiry.source()
    reports = sorted(_reports(source), key=lambda one: one.act.key)
    rows = [
        one
        for one in (_loss(inquiry, source, pair) for pair in reports)
        if (only.holder is None or one.holder == only.holder)
        and (only.cause is None or one.cause == only.cause)
        and not (only.late and (one.delay_days is None or one.delay_days <= allowed))
    ]
    return Reply(inquiry.instant, tuple(rows), _totals(rows, allowed), inquiry.unmet)


@dataclass(frozen=True, slots=True)
class _Reports:
    """The reports of one loss, at least one of them."""

    initial: Act | None
    final: Act | None

    @property
    def both(self) -> list[Act]:
        """Those that there are, the initial one first."""
        return [act for act in (self.initial, self.final) if act is not None]

    @property
    def act(self) -> Act:
        """The report that says most: the final one, or else the initial one."""
        return self.both[-1]


def _reports(source: AuditSource) -> Iterator[_Reports]:
    """Every loss, a final report with the initial one that it names."""
    finals: dict[bytes, list[Act]] = {}
    initials: list[Act] = []
    alone: list[Act] = []
    for act in source.book.acts(*kinds_that("loses")):
        if act.standing == "taken back":
            continue
        initial = initial_of(act, source) if act.text("report") == "final" else None
        if initial is not None:
            finals.setdefault(initial.id, []).append(act)
        else:
            (alone if act.text("report") == "final" else initials).append(act)
    for initial in initials:
        yield _Reports(initial, _last(finals.get(initial.id, ())))
    yield from (_Reports(None, final) for final in alone)


def _last(acts: Iterable[Act]) -> Act | None:
    return max(acts, key=lambda act: act.key, default=None)


def _loss(inquiry: Inquiry, source: AuditSource, reports: _Reports) -> ReportedLoss:
    act, initial, final = reports.act, reports.initial, reports.final
    lines: dict[str, dict[str, Any]] = {}
    for one in reports.both:
        for key, touch in source.book.things(one):
            lines.setdefault(key, touch.line)
    return ReportedLoss(
        act.giver,
        act.text("cause"),
        act.text("place"),
        act.text("lost_on") or None,
        initial.when if initial else None,
        final.when if final else None,
        delay_days(final) if final is not None else None,
        tuple(lines),
        len(lines),
        worth_of(inquiry.worth(key, line) for key, line in lines.items()),
        tuple(one.id for one in reports.both),
    )


def _totals(rows: list[ReportedLoss], allowed: int) -> LossTotals:
    final = sum(one.final is not None for one in rows)
    delays = [one.delay_days for one in rows if one.delay_days is not None]
    undated = sum(one.lost_on is None for one in rows)
    mean = Decimal(sum(delays)) / len(delays) if delays else None
    return LossTotals(
        len(rows),
        sum(one.items for one in rows),
        worth_together(one.value for one in rows),
        final,
        len(rows) - final,
        len(rows) - undated,
        undated,
        None if mean is None else int(mean.quantize(Decimal(1))),
        len(delays),
        sum(delay > allowed for delay in delays),
        dict(sorted(Counter(one.cause for one in rows).items())),
    )
