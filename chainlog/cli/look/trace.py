"""`chainlog trace ITEM`: all that was said of one thing, what was corrected too.

Each statement comes with its signer, paper and entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option
from chainlog.cli.output import cell_of, emit, grid
from chainlog.custody.act import ANSWERS
from chainlog.custody.state import whereabouts
from chainlog.events.kinds import effect
from chainlog.events.wording import SHORT_ID, day, format_time, printable
from chainlog.export.words.catalogue import said, words
from chainlog.export.words.events import label_of, name_of
from chainlog.index.questions.trace import trace_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.state import ItemState
    from chainlog.index.questions.trace import Trace, TracedEntry

_HEADS: Final = ("when", "recorded", "what", "by", "place", "document", "entry")
_DETAILS: Final = frozenset({"quantity", "unit", "condition", "moved_in"})


@click.command()
@click.argument("item")
@as_of_option
@json_option
@click.pass_context
def trace(ctx: click.Context, item: str, as_of: str | None, *, as_json: bool) -> None:
    """Tell the whole history of ITEM: MAKER/PART/SERIAL, uii:…, a bare serial, or lot:NSN/NUMBER.

    What was corrected stays in the history, marked. JSON: {item, as_of, now: as holdings --each,
    history: [{entry, chain, index, recorded, happened, kind, signer, party, place, document, says,
    standing, correction, answers}]}.
    """
    with open_inquiry(ctx, as_of) as inquiry:
        answer = trace_of(inquiry, item)
    if as_json:
        emit(answer.plain())
        return
    click.echo(printable(answer.item))
    for sentence in _say_now(answer):
        click.echo(f"  {printable(sentence)}")
    click.echo(grid(_HEADS, [_cells(one) for one in answer.history]))


def _cells(one: TracedEntry) -> tuple[str, ...]:
    recorded, happened = day(one.recorded), day(one.happened)
    return (
        format_time(one.happened)[:16].replace("T", " "),
        recorded if recorded != happened else "",
        _say_what(one),
        f"{one.signer}, {one.party}" if one.party else one.signer,
        one.place,
        one.document,
        one.entry.hex()[:SHORT_ID],
    )


def _say_what(one: TracedEntry) -> str:
    fields, says = one.fields, one.says
    what, does = name_of(one.kind), effect(one.kind)
    if does.taker and does.giver in fields:
        what += f" {fields[does.giver]} → {fields.get(does.taker, '')}"
    elif (does.giver or does.holder) in fields:
        what += f" {fields[does.giver or does.holder]}"
    if does.step == "inspects":
        what += f" {fields.get('was', '?')} → {fields['now']}"
    if one.kind in ANSWERS and "agreed" in fields:
        what += said(" (agreed)") if fields["agreed"] else said(" (NOT AGREED)")
    details = [f"{label_of(name)} {value}" for name, value in says.items() if name in _DETAILS]
    what += f", {' '.join(details)}" if details else ""
    if one.standing == "taken back":
        return said("[taken back] {what}", what=what)
    if says.get("replaced"):
        return said("[as first written] {what}", what=what)
    if one.standing == "replaced":
        return said("[corrected] {what}", what=what)
    return f"└ {what}" if "answers" in says else what


def _say_now(answer: Trace) -> Iterator[str]:
    if answer.state is not None:
        yield from _say_item(answer.state)
        return
    for one in answer.now:
        yield f"{one.quantity:,f} {one.unit} {cell_of(one.status)} {one.holder}"


def _say_item(state: ItemState) -> Iterator[str]:
    about = [
        state.type,
        said("condition {condition}", condition=state.condition) if state.condition else "",
        said("in {container}", container=state.container) if state.container else "",
    ]
    yield said(
        "now: {state}{agreement}",
        state=words().phrase(whereabouts(state)),
        agreement=f", {cell_of(state.agreement)}" if state.agreement else "",
    )
    yield ", ".join(part for part in about if part)
    if state.since is not None:
        yield (
            said(
                "on the signature of {name}, entry {id}",
                name=state.since.signer.name,
                id=state.since.id.hex()[:SHORT_ID],
            )
        )
    for broken in state.breaks:
        why = words().phrase(broken.why)
        if broken.hangs:
            why = said(
                "cannot tell, since fields of entry {id} are not shown here",
                id=broken.hangs[0].hex()[:SHORT_ID],
            )
        yield f"{broken.code}: {why}"


PLACE: Final = 40
SUMMARY: Final = "tell the whole history of an item or a lot"
COMMAND: Final[click.Command] = trace
