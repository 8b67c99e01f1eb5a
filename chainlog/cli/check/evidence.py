"""`chainlog evidence make` and `chainlog evidence check`.

One file that proves entries, or all that was said of an item, offline.

JSON: `make` {file, bytes, trust, verdict, claim, as_of, entries, withheld, attachments: {held,
absent}}. `check` {verdict, claim, from, to, chain, origin, entries: [an entry as JSON, with
{withheld, erased, origin, site, signer, revoked, support, accepted, not_after}], withheld,
attachments: {held, absent}, trust, as_of, chains, faults, missing, truncated, fault_count,
missing_count}: `from` and `to` are indexes, both included, of the chain that `chain` and `origin`
name; `as_of` and `not_after` are POSIX seconds.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.evidence_check import check_and_tell
from chainlog.cli.evidence_text import plain_made, tell_made, warn_of_missing
from chainlog.cli.exit_codes import EXIT_OF_VERDICT
from chainlog.cli.files import write_new
from chainlog.cli.inquiry import open_items
from chainlog.cli.options import (
    find_chain,
    json_flag,
    limit_flag,
    policy_option,
    read_authority,
    read_policy,
)
from chainlog.cli.output import emit, misuse, say, warn
from chainlog.errors import EventError, StoreError
from chainlog.export.disclosure import Making
from chainlog.export.evidence import make_evidence
from chainlog.export.words.catalogue import said, words
from chainlog.index.references import find_places, find_things
from chainlog.store import durable
from chainlog.verifier.report import Verdict
from chainlog.verifier.run import FAULT_LIMIT

if TYPE_CHECKING:
    from chainlog.export.evidence import Made
    from chainlog.index.index import Items
    from chainlog.index.references import Place
    from chainlog.ledger.ledger import Ledger
    from chainlog.verifier.evidence_report import EvidenceReport

_RANGE: Final = re.compile(r"(0|[1-9][0-9]{0,15}):(0|[1-9][0-9]{0,15})")


@click.group()
def evidence() -> None:
    """Prove entries, or the history of an item, to somebody who has no ledger.

    Or check such a proof.
    """


# Making


@evidence.command()
@click.argument("refs", metavar="ITEM|ID...", nargs=-1)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="The new file.",
)
@click.option(
    "--withhold",
    "fields",
    metavar="FIELD",
    multiple=True,
    help="Do not show this: place, lines, or lines/2; may be repeated.",
)
@click.option(
    "--alone",
    is_flag=True,
    help="Of what the entries list, show the ITEMs alone; the rest is withheld.",
)
@click.option("--attach", is_flag=True, help="Put the files into it that shown fields name.")
@click.option(
    "--range",
    "between",
    metavar="FROM:TO",
    help="Every entry from index FROM to index TO of one chain, both included.",
)
@click.option(
    "--chain", "prefix", metavar="PREFIX", help="With --range: of another chain that is held here."
)
@click.option(
    "--show-holders",
    is_flag=True,
    help="Name all who hold keys, not only those who signed what is shown.",
)
@policy_option
@click.option(
    "--unwitnessed",
    is_flag=True,
    help="Make it even where something is missing; the check will then say that it cannot tell.",
)
@json_flag("Print {file, bytes, trust, verdict, claim, as_of, entries, withheld, attachments}.")
@click.pass_context
def make(
    ctx: click.Context,
    refs: tuple[str, ...],
    output: Path,
    fields: tuple[str, ...],
    between: str | None,
    prefix: str | None,
    policy_file: str | None,
    *,
    alone: bool,
    attach: bool,
    show_holders: bool,
    unwitnessed: bool,
    as_json: bool,
) -> None:
    """Make a file that proves entries, or all that was ever said of an ITEM, offline.

    An ITEM is MAKER/PART/SERIAL, uii:…, a bare serial, or lot:NSN/NUMBER; an ID is an entry's id,
    the first 8 characters or more of one, or a document number. What the entries stand on goes into
    the file too, and of it no more than must be seen.
    """
    ends = _read_range(ctx, refs, between, prefix)
    if os.path.lexists(output):
        raise StoreError("{output} is there already", output=output, hint="name another file")
    names = tuple(name for told in fields for name in told.split(","))
    making = Making(
        names,
        read_policy(policy_file),
        attach=attach,
        holders=show_holders,
        unwitnessed=unwitnessed,
    )
    with open_items(ctx) as items:
        ledger = items.ledger
        if ends is None:
            places = find_places(items, refs)
        else:
            places = _places_between(ledger, find_chain(ledger, prefix), ends)
        if alone:
            making = replace(making, alone=_things_alone(ctx, items, refs))
        made = _made(ctx, items, places, making, ends)
    write_new(output, made.data)
    warn_of_missing(made)
    if as_json:
        emit(plain_made(output, made))
    else:
        tell_made(output, made)


def _things_alone(ctx: click.Context, items: Items, refs: tuple[str, ...]) -> frozenset[str]:
    things = find_things(items, refs)
    if not things:
        raise misuse(ctx, "--alone goes with an item, whose lines are then shown alone")
    return things


def _made(
    ctx: click.Context,
    items: Items,
    places: set[Place],
    making: Making,
    ends: tuple[int, int] | None,
) -> Made:
    try:
        return make_evidence(items, places, making, ends)
    except EventError as error:
        raise click.UsageError(
            said("--withhold: {reason}", reason=error.reason)
            + (f" ({words().tell(error.hint)})" if error.hint else ""),
            ctx,
        ) from None


def _read_range(
    ctx: click.Context, refs: tuple[str, ...], between: str | None, prefix: str | None
) -> tuple[int, int] | None:
    if between is None:
        if prefix is not None:
            raise misuse(ctx, "--chain goes with --range")
        if not refs:
            raise misuse(ctx, "name an item, or entries by their ids; or give --range")
        return None
    match = _RANGE.fullmatch(between)
    if refs or match is None or int(match[1]) > int(match[2]):
        raise misuse(
            ctx,
            "--range takes two indexes, such as 3:17, the lower first, and goes "
            "without names of items and entries",
        )
    return int(match[1]), int(match[2])


def _places_between(ledger: Ledger, chain: bytes, ends: tuple[int, int]) -> set[Place]:
    size = ledger.engine.head(chain).size
    if ends[1] >= size:
        raise StoreError(
            "the range ends with entry {end}, and the chain has {n} entries",
            end=ends[1],
            n=size,
            last=size - 1,
            hint="the last is {last}",
        )
    return {(chain, index) for index in range(ends[0], ends[1] + 1)}


# Checking


@evidence.command()
@click.argument("file", metavar="FILE|-")
@click.option(
    "--trust",
    "authority",
    metavar="CHAINID",
    required=True,
    help="Trust the authority whose chain has this id: 64 hex digits.",
)
@policy_option
@click.option(
    "--attachments",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write the attachments that match into DIR.",
)
@limit_flag("List at most so many faults.", FAULT_LIMIT)
@json_flag("Print {verdict, claim, from, to, entries, trust, as_of, chains, faults, missing, …}.")
@click.pass_context
def check(
    ctx: click.Context,
    file: str,
    authority: str,
    policy_file: str | None,
    folder: Path | None,
    limit: int,
    *,
    as_json: bool,
) -> int:
    """Check a file of evidence.

    It needs no ledger and no key, and reads nothing but FILE and the policy.

    Exit code 0 where all of it holds, 3 for tampering, 4 where it cannot be told.
    """
    trusted = read_authority(ctx, authority)
    policy = read_policy(policy_file)
    report = check_and_tell(file, trusted, policy, limit=limit, as_json=as_json)
    if folder is not None and report.verdict is not Verdict.TAMPERED:
        _write_attachments(folder, report)
    return EXIT_OF_VERDICT[report.verdict.value]


def _write_attachments(folder: Path, report: EvidenceReport) -> None:
    """Each under its digest; one that is there already stays as it is."""
    with StoreError.from_os("{folder} cannot be made: {why}", folder=folder):
        durable.make_folder(folder)
    for digest, data in report.attachments.items():
        path = folder / digest.hex()
        if os.path.lexists(path):
            warn(said("{path} is there already, and was left as it is", path=path))
        else:
            write_new(path, data)
            say(said("wrote {path}", path=path))


PLACE: Final = 110
SUMMARY: Final = "prove entries, or an item's history, to somebody without a ledger"
COMMAND: Final[click.Command] = evidence
