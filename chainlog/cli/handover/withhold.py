"""`chainlog withhold DIR`: a copy of the whole ledger in which chosen fields are not shown.

The copy verifies all the same.

JSON: {to, verdict, chains, entries, touched, fields: {NAME: COUNT}, attachments: {copied, absent},
unmet}
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.input import read_input
from chainlog.cli.options import find_chain, json_flag
from chainlog.cli.output import emit, misuse, progress_shown, say, speak, warn
from chainlog.cli.recognise import RULES, expecting
from chainlog.cli.session import open_ledger
from chainlog.errors import EventError, Sentence, SettingsError
from chainlog.events.lookalikes import alike
from chainlog.events.wording import printable
from chainlog.export.copy import write_withheld
from chainlog.export.rules import Rule, parse_rules
from chainlog.export.words.catalogue import said, words
from chainlog.index.index import Items, find_entry
from chainlog.index.names import Names, say_alike, things_like

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chainlog.export.copy import Withheld
    from chainlog.ledger.ledger import Ledger


@click.command()
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--field",
    "fields",
    metavar="NAME",
    multiple=True,
    help="A field, with all its elements; or one of them, such as lines/2.",
)
@click.option(
    "--item",
    "items",
    metavar="ITEM",
    multiple=True,
    help="Only where this is named; without --field, what names it.",
)
@click.option(
    "--rule",
    "files",
    metavar="FILE",
    multiple=True,
    help="Rules from a TOML file: kinds, fields, items, parties.",
)
@click.option(
    "--chain",
    "chains",
    metavar="PREFIX",
    multiple=True,
    help="Withhold only in this chain; all are copied.",
)
@click.option("--entry", "refs", metavar="ID", multiple=True, help="Withhold only in this entry.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Threads to verify the copy; all cores unless said.",
)
@json_flag("Print {to, verdict, chains, entries, touched, fields, attachments, unmet}.")
@click.pass_context
def withhold(
    ctx: click.Context,
    target: Path,
    fields: tuple[str, ...],
    items: tuple[str, ...],
    files: tuple[str, ...],
    chains: tuple[str, ...],
    refs: tuple[str, ...],
    workers: int | None,
    *,
    as_json: bool,
) -> None:
    """Write a copy of the ledger, with chosen fields withheld throughout, into the folder DIR.

    DIR must be new or empty. An ITEM is MAKER/PART/SERIAL, uii:NUMBER, lot:NSN/NUMBER,
    container:NUMBER, or a serial alone. The copy still shows of each entry its kind, clock and key,
    and the names of its fields; what is said in other fields is shown as it is.
    """
    rules = _rules(ctx, fields, items, files)
    with open_ledger(ctx) as ledger:
        within = {find_chain(ledger, prefix) for prefix in chains} or None
        places = [find_entry(ledger, ref) for ref in refs]
        entries = {ledger.entry(index, chain).entry.id for chain, index in places} or None
        with progress_shown() as progress:
            told = write_withheld(
                ledger,
                target,
                rules,
                chains=within,
                entries=entries,
                parallel=workers,
                progress=progress,
            )
        _warn_of_unmet(ledger, told.unmet)
    if as_json:
        emit(
            {
                "to": str(target),
                "verdict": told.verdict.value,
                "chains": told.chains,
                "entries": told.entries,
                "touched": told.touched,
                "fields": told.fields,
                "attachments": {"copied": told.attachments, "absent": told.absent},
                "unmet": told.unmet,
            }
        )
        return
    _tell(target, told)


def _warn_of_unmet(ledger: Ledger, unmet: Sequence[str]) -> None:
    """Say what was met with nowhere, with the party, the item or the lot that looks like it."""
    if not unmet:
        return
    with Items.of(ledger) as items:
        parties = Names(items).known("party")
        for text in unmet:
            told = Sentence("{text} was met with nowhere: is it written right?", text=text)
            like = things_like(items, text) or alike(text, parties)
            warn(printable(words().tell(say_alike(told, text, tuple(like)))))


def _rules(
    ctx: click.Context, fields: tuple[str, ...], items: tuple[str, ...], files: tuple[str, ...]
) -> list[Rule]:
    if not (fields or items or files):
        raise misuse(ctx, "say what to withhold: --field, --item or --rule")
    try:
        rules = [Rule(fields=fields, items=items)] if fields or items else []
    except EventError as error:
        option = {"fields": "--field", "items": "--item"}.get(error.field, error.field)
        raise click.UsageError(
            f"{option}: {error.reason}" + (f" ({error.hint})" if error.hint else ""), ctx
        ) from None
    for file in files:
        data = read_input(file)
        with expecting(file, data, RULES):
            rules += _parse_rules_file(data, file)
    return rules


def _parse_rules_file(data: bytes, file: str) -> list[Rule]:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise SettingsError(
            "{file}: not UTF-8, at byte {start}", file=file, start=error.start
        ) from None
    return parse_rules(text, file)


def _tell(target: Path, told: Withheld) -> None:
    counts = ", ".join(f"{name} {count}" for name, count in sorted(told.fields.items()))
    speak(
        "withheld {values} fields in {touched} of {entries} entries: {counts}",
        values=sum(told.fields.values()),
        touched=told.touched,
        entries=told.entries,
        counts=counts,
    )
    speak(
        "chains: {chains}; attachments copied: {attachments}, not held here: {absent}",
        chains=told.chains,
        attachments=told.attachments,
        absent=told.absent,
    )
    speak(
        "the copy in {target} was verified: {value}",
        target=target,
        value=words().say(f"verify.verdict.{told.verdict.name.lower()}"),
    )
    say(
        said(
            "it still shows each entry's kind, clock and key, the names of its "
            "fields, and whatever else is said in fields that are shown"
        )
    )


PLACE: Final = 50
SUMMARY: Final = "write a copy in which chosen fields are not shown"
COMMAND: Final[click.Command] = withhold
