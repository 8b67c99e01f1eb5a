"""The one way in which every verb records: shown in words, agreed to, signed, appended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from chainlog.cli.confirm import confirm
from chainlog.cli.input import describe_file, parse_event
from chainlog.cli.output import emit, say, warn
from chainlog.cli.record.dialog.advice import Knowing
from chainlog.cli.session import (
    ask_only_copy,
    key_path,
    open_ledger,
    read_signer,
    warn_beside,
)
from chainlog.cli.talk import Talk
from chainlog.errors import ChainlogError, NoEntryError, Sentence, StoreError
from chainlog.events.kinds import CITES
from chainlog.events.wording import SHORT_ID, format_time, printable
from chainlog.export.jsonl import plain_entry
from chainlog.export.words.catalogue import language, said, words
from chainlog.export.words.events import format_event, name_of, summary
from chainlog.ledger.forks import say_fork, unsettled_forks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from chainlog.events.event import Event
    from chainlog.ledger.ledger import Ledger


def governing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--note`, `--yes` and `--json`, which every governing verb has."""
    return click.option("--note", metavar="TEXT", help="A remark.")(recording_options(command))


def govern(
    ctx: click.Context,
    kind: str,
    fields: dict[str, Any] | Callable[[Ledger], dict[str, Any]],
    *,
    note: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Record a governing event.

    `fields`: as plain JSON, or what makes them of the ledger; those that are None are left out.
    """
    check_somebody(ctx, yes=yes)

    def build(ledger: Ledger) -> list[Any]:
        given = {**(fields(ledger) if callable(fields) else fields), "note": note}
        return [
            parse_event(kind, {name: value for name, value in given.items() if value is not None})
        ]

    record(ctx, build, yes=yes, as_json=as_json)


def recording_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--yes` and `--json`, which every recording verb has."""
    command = click.option(
        "--json", "as_json", is_flag=True, help="Print the recorded entry as JSON."
    )(command)
    return click.option("--yes", is_flag=True, help="Do not ask before signing.")(command)


def check_somebody(ctx: click.Context, *, yes: bool) -> None:
    """Raise UsageError where nobody can be asked and nobody said yes."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError(said("nobody is here to say yes before signing: give --yes"), ctx)


def unlock(ctx: click.Context, ledger: Ledger) -> None:
    """Give the ledger its user's signer; the passphrase is asked for once."""
    if ledger.signer is None:
        ledger.signer = read_signer(key_path(ctx, ledger.folder))
        ask_only_copy(ledger)


def record(
    ctx: click.Context,
    build: Callable[[Ledger], Sequence[Event]],
    *,
    yes: bool,
    as_json: bool,
    files: Sequence[Path] = (),
    ids: bool = False,
) -> None:
    """Build events with the ledger at hand, show them to a person, sign and append them.

    At the end it says what was recorded.

    `files`: the attachments that the events already name, kept once the person has said yes. `ids`:
    print bare ids, a line each.
    """
    check_somebody(ctx, yes=yes)
    with open_ledger(ctx) as ledger:
        events = build(ledger)
        if yes:
            # Nobody is asked: what is read from here on is what it is appended to.
            unlock(ctx, ledger)
            ledger.prepare()
        warn_beside(ledger)
        for fork in unsettled_forks(ledger):
            if not all(event.kind == "chain.fork" for event in events):
                warn(printable(words().tell(say_fork(fork))))
        foreseen = _foresee(ledger, events)
        for event, sentences in zip(events, foreseen, strict=True):
            if not yes:
                say(format_event(event.kind, event.fields))
                say_cited(ledger, event)
            for sentence in sentences:
                warn(sentence)
        if not yes:
            confirm(
                said("sign and record this?")
                if len(events) == 1
                else said("sign and record these {count}?", count=len(events)),
                Sentence("not recorded"),
            )
        unlock(ctx, ledger)
        for path in files:
            told = describe_file(path)
            if ledger.attach(path, told["type"]) != told:
                raise StoreError(
                    "{path} changed while it was read; nothing was recorded",
                    path=path,
                    hint="try again once it is whole",
                )
        _append(ledger, events, as_json=as_json, ids=ids)


def _foresee(ledger: Ledger, events: Sequence[Event]) -> list[list[str]]:
    """For each event, in words, what would become a finding.

    A key that is still locked leaves open what only it could say.
    """
    key = None if ledger.signer is None else ledger.signer.key_id
    with Knowing(Talk(language()), lambda: ledger, warn) as known:
        return known.foresee(events, key)


def say_cited(ledger: Ledger, event: Event) -> None:
    """Say what the cited entries are, as far as they are held here.

    Nobody knows an entry by its id.
    """
    for name, value in event.fields.items():
        for one in value if isinstance(value, list) else [value]:
            if name not in CITES or not isinstance(one, bytes):
                continue
            try:
                chain, index = ledger.find(one.hex())
            except NoEntryError:
                say(said("  {one} is not held here", one=one.hex()[:SHORT_ID]))
                continue
            cited = ledger.entry(index, chain)
            header = cited.entry.header
            say(
                said(
                    "  {one} is a {kind} of {time}: {cited}",
                    one=one.hex()[:SHORT_ID],
                    kind=name_of(header.kind),
                    time=format_time(header.time),
                    cited=summary(cited),
                )
            )


def _append(ledger: Ledger, events: Sequence[Event], *, as_json: bool, ids: bool) -> None:
    recorded = 0

    def count(more: int) -> None:
        nonlocal recorded
        recorded += more

    try:
        entries = ledger.append_many(events, count)
    except ChainlogError:
        if recorded:
            warn(
                said(
                    "the first {recorded} of {count} events were recorded before this error",
                    recorded=recorded,
                    count=len(events),
                )
            )
        raise
    finally:
        for notice in ledger.notices:
            warn(notice)
    if not entries:
        return
    first = entries[0].header.index
    if as_json:
        for logged in ledger.read(first, first + len(entries)):
            emit(plain_entry(logged))
        return
    for entry in entries:
        click.echo(
            entry.id.hex()
            if ids
            else said(
                "recorded {id} as entry {index}",
                id=entry.id.hex()[:SHORT_ID],
                index=entry.header.index,
            )
        )
