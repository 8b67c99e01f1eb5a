"""`chainlog losses` and `chainlog third-party`: what is gone, and what went where it may not go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.audit.ends import delay_days, initial_of
from chainlog.cli.inquire import Answer, Inquiry, day, inquire, plain_worth, say_worth, worth_of
from chainlog.cli.options import as_of_option, json_option, limit_option, settings_option
from chainlog.events.things import is_item
from chainlog.events.wording import SHORT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.family import Source
    from chainlog.custody.act import Act
    from chainlog.index.views import Views

_CAUSES: Final = ("combat", "lost", "stolen", "captured")


@dataclass(slots=True)
class LossReport:
    """One loss: its initial report, its final one, either of which may be missing.

    The things of both.
    """

    initial: Act | None
    final: Act | None
    things: tuple[str, ...]
    worth: dict[str, Decimal]

    @property
    def act(self) -> Act:
        """The report that says most: the final one, or else the initial one."""
        act = self.final or self.initial
        assert act is not None
        return act

    @property
    def delay(self) -> int | None:
        """Whole days from the loss to its final report.

        None where the loss has no date, or there is no final report.
        """
        return delay_days(self.final) if self.final is not None else None


def loss_reports(inquiry: Inquiry) -> Iterator[LossReport]:
    """Every loss, a final report with the initial one that it names."""
    source = inquiry.source()
    finals: dict[bytes, list[Act]] = {}
    initials: list[Act] = []
    alone: list[Act] = []
    for act in source.book.acts("loss"):
        if act.standing == "taken back":
            continue
        initial = initial_of(act, source) if act.text("report") == "final" else None
        if initial is not None:
            finals.setdefault(initial.id, []).append(act)
        else:
            (alone if act.text("report") == "final" else initials).append(act)
    views = inquiry.items.views
    for initial in initials:
        some = finals.get(initial.id, [])
        yield _loss(source, views, initial, max(some, key=lambda act: act.key) if some else None)
    for final in alone:
        yield _loss(source, views, None, final)


def _loss(source: Source, views: Views, initial: Act | None, final: Act | None) -> LossReport:
    things: dict[str, None] = {}
    worths = []
    for act in (initial, final):
        for key, touch in source.book.things(act) if act is not None else ():
            if key not in things:
                things[key] = None
                worths.append(_worth(views, key, touch.line))
    return LossReport(initial, final, tuple(things), worth_of(worths))


def _worth(views: Views, key: str, line: dict[str, Any]) -> tuple[Decimal, str] | None:
    """What a line says it is worth, or what the ledger knows of an item."""
    if "value" in line:
        return Decimal(line["value"]["amount"]), line["value"]["currency"]
    item = views.item(key) if is_item(key) else None
    return item.worth if item is not None else views.worth(key, line)


@click.command()
@as_of_option
@click.option("--holder", metavar="PARTY", help="Only losses of this party.")
@click.option("--cause", type=click.Choice(_CAUSES), help="Only losses of this cause.")
@click.option("--late", is_flag=True, help="Only those whose final report came too late.")
@limit_option
@settings_option
@json_option
@click.pass_context
def losses(
    ctx: click.Context,
    as_of: str | None,
    holder: str | None,
    cause: str | None,
    limit: int,
    settings: str | None,
    *,
    late: bool,
    as_json: bool,
) -> None:
    """Say what was lost, when, and how late the final report came.

    And of how many losses nobody knows the date.

    JSON: {as_of, rows: [{holder, cause, lost_on, reported, final, delay_days, things, items, value,
    entries}], totals: {reports, items, value, final, dated, undated, mean_delay_days, late}}. The
    mean is over final reports that have a date of loss, and over no others.
    """
    answer = Answer(
        (
            "lost on",
            "holder",
            "cause",
            "place",
            ">items",
            ">value",
            "reported",
            "final",
            ">days",
            "entry",
        )
    )
    with inquire(ctx, as_of, settings) as inquiry:
        allowed = inquiry.settings.loss_days
        kept = [
            one
            for one in loss_reports(inquiry)
            if (holder is None or one.act.text("holder") == holder)
            and (cause is None or one.act.text("cause") == cause)
            and not (late and (one.delay is None or one.delay <= allowed))
        ]
        kept.sort(key=lambda one: one.act.key)
        for one in kept:
            _row(answer, one)
        _total(answer, kept, allowed)
        answer.show(inquiry, as_json=as_json, limit=limit)


def _row(answer: Answer, one: LossReport) -> None:
    act, initial, final = one.act, one.initial, one.final
    lost_on = act.text("lost_on")
    reported = day(initial.when) if initial else ""
    told = "" if one.delay is None else f"{one.delay:,}"
    answer.add(
        (
            lost_on or "no date",
            act.text("holder"),
            act.text("cause"),
            act.text("place") or "no place",
            f"{len(one.things):,}",
            say_worth(one.worth),
            reported,
            day(final.when) if final else "open",
            told,
            act.id.hex()[:SHORT_ID],
        ),
        holder=act.text("holder"),
        cause=act.text("cause"),
        place=act.text("place"),
        lost_on=lost_on or None,
        reported=initial.when if initial else None,
        final=final.when if final else None,
        delay_days=one.delay,
        things=list(one.things),
        items=len(one.things),
        value=plain_worth(one.worth),
        entries=[report.id.hex() for report in (initial, final) if report is not None],
    )


def _total(answer: Answer, kept: list[LossReport], allowed: int) -> None:
    worth = worth_of((amount, currency) for one in kept for currency, amount in one.worth.items())
    things = sum(len(one.things) for one in kept)
    final = [one for one in kept if one.final is not None]
    delays = [one.delay for one in final if one.delay is not None]
    undated = sum(not one.act.text("lost_on") for one in kept)
    mean = Decimal(sum(delays)) / len(delays) if delays else None
    mean_days = None if mean is None else int(mean.quantize(Decimal(1)))
    late = sum(delay > allowed for delay in delays)
    answer.totals.append(
        (
            "total",
            "",
            "",
            "",
            f"{things:,}",
            say_worth(worth),
            f"{len(kept):,}",
            f"{len(final):,}",
            "",
            "",
        )
    )
    answer.plain_totals = {
        "reports": len(kept),
        "items": things,
        "value": plain_worth(worth),
        "final": len(final),
        "open": len(kept) - len(final),
        "dated": len(kept) - undated,
        "undated": undated,
        "mean_delay_days": mean_days,
        "delays": len(delays),
        "late": late,
        "by_cause": dict(sorted(Counter(one.act.text("cause") for one in kept).items())),
    }
    told = "no final report has a date of loss to reckon from"
    if mean_days is not None:
        told = f"mean delay {mean_days} days, over {len(delays)} final reports"
    undated_told = f"{undated} of {len(kept)} losses have no date and are in no mean"
    answer.words.append(
        f"{told}; {undated_told}; {late} came later than {allowed} days; "
        f"{len(kept) - len(final)} are not final"
    )


COMMAND: Final[click.Command] = losses
