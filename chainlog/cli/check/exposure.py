"""`chainlog exposure KEY`: all that rests on a key that was lost or compromised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option, limit_option
from chainlog.cli.output import Sheet, say_worth, show_answer, total_row
from chainlog.events.wording import day, printable
from chainlog.export.words.catalogue import said
from chainlog.export.words.events import name_of
from chainlog.index.questions.exposure import exposure_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.index.questions.exposure import ExposedKey, Exposure

_HEADS: Final = ("chain", "kind", ">entries", ">in doubt", "first", "last")
_TYPES_SHOWN: Final = 5


@click.command()
@click.argument("key")
@as_of_option
@limit_option
@json_option
@click.pass_context
def exposure(ctx: click.Context, key: str, as_of: str | None, limit: int, *, as_json: bool) -> None:
    """Say all that rests on KEY (clk1:…, its beginning, or its holder's name).

    Entries, things, keys granted by it.

    In doubt are the entries from the index on that a revocation names, or else those after it.
    JSON: {as_of, keys: [{key, name, party, roles, chain, revoked, doubt_from}], rows: [{chain,
    kind, entries, in_doubt, first, last}], items: [as holdings --each], grants: [{key, name, party,
    entry}], totals: {entries, in_doubt, items, value}, unmet}.
    """
    with open_inquiry(ctx, as_of) as inquiry:
        answer = exposure_of(inquiry, key)
    show_answer(answer, _sheet, as_json=as_json, limit=limit)


def _sheet(answer: Exposure) -> Sheet:
    rows = [
        (
            one.chain,
            name_of(one.kind),
            f"{one.entries:,}",
            f"{one.in_doubt:,}",
            day(one.first),
            day(one.last),
        )
        for one in answer.rows
    ]
    totals = answer.totals
    row = total_row(_HEADS, entries=f"{totals.entries:,}", **{"in doubt": f"{totals.in_doubt:,}"})
    return Sheet(_HEADS, rows, [row], [printable(one) for one in _sentences(answer)])


def _sentences(answer: Exposure) -> Iterator[str]:
    yield from map(_say_key, answer.keys)
    totals = answer.totals
    types = ", ".join(f"{count} × {kind}" for kind, count in totals.types[:_TYPES_SHOWN])
    worth = said(", worth {value}", value=say_worth(totals.value)) if totals.value else ""
    yield (
        said(
            "{items:,} things are where they are on its signature{which}{types}{worth}",
            items=totals.items,
            which=": " if types else "",
            types=types,
            worth=worth,
        )
    )
    if answer.grants:
        names = ", ".join(one.name for one in answer.grants)
        yield said("it granted {count} keys: {names}", count=len(answer.grants), names=names)


def _say_key(one: ExposedKey) -> str:
    state = (
        said("in force")
        if one.revoked is None
        else said("revoked ({revoked})", revoked=one.revoked)
    )
    doubt = (
        ""
        if one.doubt_from is None
        else said(", entries from {doubt_from} on in doubt", doubt_from=one.doubt_from)
    )
    return said(
        "{name} of {party} in {chain}: {roles}; {state}{doubt}",
        name=one.name,
        party=one.party,
        chain=one.chain,
        roles=", ".join(one.roles),
        state=state,
        doubt=doubt,
    )


PLACE: Final = 80
SUMMARY: Final = "say all that rests on a lost or compromised key"
COMMAND: Final[click.Command] = exposure
