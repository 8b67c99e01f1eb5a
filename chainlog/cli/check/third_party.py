"""`chainlog third-party`: what went outside the programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.audit.handovers import ThirdParties
from chainlog.cli.check.losses import _worth
from chainlog.cli.inquire import Answer, day, inquire, plain_worth, say_worth, worth_of
from chainlog.cli.options import as_of_option, json_option, limit_option, settings_option
from chainlog.events.wording import SHORT_ID

if TYPE_CHECKING:
    from decimal import Decimal

    from chainlog.custody.act import Act


@click.command("third-party")
@as_of_option
@click.option("--to", "taker", metavar="PARTY", help="Only what went to this party.")
@click.option("--without-consent", is_flag=True, help="Only what had no consent in force.")
@limit_option
@settings_option
@json_option
@click.pass_context
def third_party(
    ctx: click.Context,
    as_of: str | None,
    taker: str | None,
    limit: int,
    settings: str | None,
    *,
    without_consent: bool,
    as_json: bool,
) -> None:
    """Say what went to a party outside the programme, and whether the authority had given leave.

    JSON: {as_of, rows: [{date, kind, from, to, document, things, value, without_consent, entry,
    consents}], totals: {handovers, things, without_consent, value}}.
    """
    answer = Answer(
        ("date", "kind", "from", "to", "document", ">things", ">value", "consent", "entry")
    )
    with inquire(ctx, as_of, settings) as inquiry:
        source, views = inquiry.source(), inquiry.items.views
        family = ThirdParties(source, inquiry.settings)
        things, refused, worths = 0, 0, []
        for act in source.book.acts(*sorted(family.kinds)):
            if (
                act.standing == "taken back"
                or family.is_inside(act)
                or (taker is not None and act.text("to") != taker)
            ):
                continue
            named = [
                (key, touch.line) for key, touch in source.book.things(act) if touch.part == "lines"
            ]
            leaves = {key: tuple(family.leaves(act, key)) for key, _ in named}
            loose = [key for key, _ in named if not leaves[key]]
            if loose or not without_consent:
                worth = worth_of(_worth(views, key, line) for key, line in named)
                _handover(answer, act, leaves, loose, worth)
                things, refused = things + len(named), refused + len(loose)
                worths.append(worth)
        total = worth_of((amount, currency) for one in worths for currency, amount in one.items())
        answer.totals.append(
            (
                "total",
                "",
                "",
                "",
                "",
                f"{things:,}",
                say_worth(total),
                f"{refused:,} without" if refused else "",
                "",
            )
        )
        answer.plain_totals = {
            "handovers": len(answer.rows),
            "things": things,
            "without_consent": refused,
            "value": plain_worth(total),
        }
        answer.show(inquiry, as_json=as_json, limit=limit)


def _handover(
    answer: Answer,
    act: Act,
    leaves: dict[str, tuple[Act, ...]],
    loose: list[str],
    worth: dict[str, Decimal],
) -> None:
    given = {leave.id: leave for some in leaves.values() for leave in some}
    told = ", ".join(
        f"{leave.id.hex()[:SHORT_ID]} until {leave.text('until')[:10]}" for leave in given.values()
    )
    consent = (
        told if not loose else "NONE" if len(loose) == len(leaves) else f"NONE for {len(loose)}"
    )
    row = (
        day(act.when),
        act.kind,
        act.text("from"),
        act.text("to"),
        act.text("document"),
        f"{len(leaves):,}",
        say_worth(worth),
        consent,
    )
    answer.add(
        (*row, act.id.hex()[:SHORT_ID]),
        **{"from": act.text("from")},
        date=act.when,
        kind=act.kind,
        to=act.text("to"),
        document=act.text("document"),
        things=list(leaves),
        value=plain_worth(worth),
        without_consent=loose,
        entry=act.id.hex(),
        consents=[leave.hex() for leave in given],
    )


COMMAND: Final[click.Command] = third_party
