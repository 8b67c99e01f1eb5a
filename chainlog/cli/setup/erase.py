"""`chainlog erase ID…`: drop a body for a legal reason, and have the chain say so.

`--carry-out` does what the chains held here say.

JSON: {entry, bodies, attachments: {removed, remaining}, conflicts, notes, problems}; `entry` is
null with `--carry-out`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.append import check_somebody, recording_options, unlock
from chainlog.cli.confirm import confirm
from chainlog.cli.entry_text import describe
from chainlog.cli.exit_codes import ERROR, EXIT_OF_CODE
from chainlog.cli.output import emit, misuse, say, speak, warn
from chainlog.cli.session import open_ledger
from chainlog.errors import NoEntryError, Sentence
from chainlog.events.mentions import files_named
from chainlog.events.wording import SHORT_ID, printable
from chainlog.export.jsonl import plain_entry
from chainlog.export.words.catalogue import said
from chainlog.index.index import find_entry, forget_items
from chainlog.ledger.erase import carry_out, check_erasable, has_erased
from chainlog.ledger.erase import erase as erase_bodies
from chainlog.ledger.holders import holders_of

if TYPE_CHECKING:
    from chainlog.ledger.erase import Erased
    from chainlog.ledger.ledger import Ledger

_WARNING: Final = (
    "this cannot be undone: the entry stays, and what it says is gone from this ledger.\n"
    "copies elsewhere, and backups, keep it until they carry the erasure out ('chainlog "
    "erase --carry-out' after a sync)."
)


@click.command()
@click.argument("refs", metavar="ID…", nargs=-1)
@click.option("--reason", metavar="TEXT", help="The legal reason; it is recorded for all to read.")
@click.option("--note", metavar="TEXT", help="A remark.")
@click.option(
    "--attachments",
    is_flag=True,
    help="Remove the files, too, that no other entry held here names.",
)
@click.option(
    "--conflicts",
    is_flag=True,
    help="Drop it from the evidence of forks, too, where both sides are kept.",
)
@click.option(
    "--carry-out",
    "carrying",
    is_flag=True,
    help="Drop what the chains held here say was erased; signs nothing.",
)
@recording_options
@click.pass_context
def erase(
    ctx: click.Context,
    refs: tuple[str, ...],
    reason: str | None,
    note: str | None,
    *,
    attachments: bool,
    conflicts: bool,
    carrying: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Erase what the entries that the IDs name say.

    Ids, the first 8 characters or more of one, document numbers, or numbers of entries.

    For a legal reason only, by an owner, in this ledger's own chain. Whoever verifies is told that
    it was erased, and why.
    """
    if carrying:
        if refs or reason or note:
            raise misuse(
                ctx,
                "--carry-out does what is recorded already: it takes no ID, no --reason "
                "and no --note",
            )
        return _carry_out(ctx, attachments=attachments, conflicts=conflicts, as_json=as_json)
    if not refs or not reason:
        raise misuse(ctx, "name the entries, and give a --reason; or --carry-out")
    check_somebody(ctx, yes=yes)
    with open_ledger(ctx) as ledger:
        options = " --attachments" * attachments + " --conflicts" * conflicts
        ids = _find(ledger, refs, options)
        check_erasable(ledger, ids, options)
        if not yes:
            _show(ledger, ids, attachments=attachments)
            confirm(_question(len(ids)), Sentence("nothing was erased"))
        unlock(ctx, ledger)
        try:
            told = erase_bodies(
                ledger, ids, reason, note, attachments=attachments, conflicts=conflicts
            )
        finally:
            for notice in ledger.notices:
                warn(notice)
            forget_items(ledger, erased=True)
        _tell(ledger, told, as_json=as_json)
    return 0


def _carry_out(ctx: click.Context, *, attachments: bool, conflicts: bool, as_json: bool) -> int:
    """Drop what the chains say was erased; the code to exit with."""
    with open_ledger(ctx) as ledger:
        try:
            told = carry_out(ledger, attachments=attachments, conflicts=conflicts)
        finally:
            forget_items(ledger, erased=True)
        _tell(ledger, told, as_json=as_json)
    return EXIT_OF_CODE.get(told.problems[0].code, ERROR) if told.problems else 0


def _question(count: int) -> str:
    return said("erase this?") if count == 1 else said("erase these {count}?", count=count)


def _find(ledger: Ledger, refs: tuple[str, ...], options: str) -> list[bytes]:
    try:
        places = dict.fromkeys(find_entry(ledger, ref) for ref in refs)
    except NoEntryError as error:
        if not has_erased(ledger):
            raise
        # What was erased has no document any more, and a person may have been interrupted.
        hint = Sentence(
            "what was erased before is found by its id alone; "
            "'chainlog erase --carry-out{options}' drops what is left of it here",
            options=options,
        )
        raise NoEntryError(error.message, hint=hint) from None
    return [ledger.entry(index, chain).entry.id for chain, index in places]


def _show(ledger: Ledger, ids: list[bytes], *, attachments: bool) -> None:
    for index in check_erasable(ledger, ids):
        logged = ledger.entry(index)
        say(describe(logged, holders_of(ledger, ledger.chain, index)))
        if files_named(logged.fields):
            say(
                said("the files that only this names are removed")
                if attachments
                else said("its files are kept here: --attachments removes them")
            )
    say(_WARNING)


def _tell(ledger: Ledger, told: Erased, *, as_json: bool) -> None:
    if as_json:
        emit(_plain(ledger, told))
        return
    if told.entry is not None:
        speak(
            "recorded {id} as entry {index}",
            id=told.entry.id.hex()[:SHORT_ID],
            index=told.entry.header.index,
        )
    speak("bodies dropped: {bodies}", bodies=told.bodies)
    for word, digests in (("removed", told.removed), ("remains", told.remaining)):
        for digest in digests:
            speak("file {word}: {digest}", word=word, digest=digest.hex())
    for fork in told.conflicts:
        place = ledger.engine.conflict_place(fork)
        speak("evidence of a fork holds or held it: {place}", place=place)
    for note in told.notes:
        warn(printable(note))
    for problem in told.problems:
        warn(
            printable(
                said("not carried out: {why}", why=problem.message)
                + (f"; {problem.hint}" if problem.hint else "")
            )
        )


def _plain(ledger: Ledger, told: Erased) -> dict[str, Any]:
    return {
        "entry": None if told.entry is None else plain_entry(ledger.entry(told.entry.header.index)),
        "bodies": told.bodies,
        "attachments": {
            "removed": [one.hex() for one in told.removed],
            "remaining": [one.hex() for one in told.remaining],
        },
        "conflicts": [ledger.engine.conflict_place(fork) for fork in told.conflicts],
        "notes": told.notes,
        "problems": [{"code": one.code, "message": one.message} for one in told.problems],
    }


PLACE: Final = 60
SUMMARY: Final = "drop what an entry says, for a legal reason"
COMMAND: Final[click.Command] = erase
