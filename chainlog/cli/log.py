"""`chainlog log`: entries in the order of their chain, newest last. As JSON lines it streams, so any length will do."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.session import emit, open_ledger, table
from chainlog.cli.show import holders_of
from chainlog.errors import KeyFormError, NoChainError
from chainlog.identity import format_item
from chainlog.keys import format_key_id, parse_key_text
from chainlog.ledger import PREFIX_LEAST
from chainlog.wording import SHORT_ID, format_line, format_time, plain_entry, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from chainlog.ledger import Ledger, Logged

SHOWN: Final = 20


def find_chain(ledger: Ledger, prefix: str | None) -> bytes:
    """The chain whose id begins with `prefix`, or the ledger's own. Raises NoChainError."""
    if prefix is None:
        return ledger.chain
    text = prefix.lower()
    found = [chain for chain in ledger.engine.chains() if chain.hex().startswith(text)] if len(text) >= PREFIX_LEAST else []
    if len(found) != 1:
        told = f"more than one chain begins with {prefix}" if found else f"no chain held here begins with {prefix[:80]!r}"
        raise NoChainError(told, hint="chains go by at least 8 characters of their id; 'chainlog status' names this one")
    return found[0]


def parse_moment(text: str | None, *, end: bool = False) -> int | None:
    """A date or instant as milliseconds since the Unix epoch; with `end`, the last one of a date."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date such as 2023-03-01") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    time = int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    return time + 86_400_000 - 1 if end and len(text) == len("2023-03-01") else time


def chosen(
    entries: Iterable[Logged], kinds: Collection[str], times: tuple[int | None, int | None], authors: Collection[bytes] | None = None
) -> Iterator[Logged]:
    """Of `entries` those of these kinds (of any, where none is named), claimed times (from, to, in milliseconds) and authors."""
    since, until = times
    for logged in entries:
        header = logged.entry.header
        if (
            (not kinds or header.kind in kinds)
            and (authors is None or header.author in authors)
            and (since is None or header.time >= since)
            and (until is None or header.time <= until)
        ):
            yield logged


def _authors(ledger: Ledger, chain: bytes, named: str) -> set[bytes]:
    """The keys that `clk1:…` or a holder's name means. Raises UsageError."""
    if named.startswith("clk1:"):
        try:
            return {parse_key_text(named)}
        except KeyFormError as error:
            raise click.BadParameter(error.message) from None
    held = holders_of(ledger, chain, ledger.engine.head(chain).size - 1)
    found = {key for key, holder in held.items() if holder["name"] == named}
    if not found:
        raise click.BadParameter(f"nobody in this chain is called {named!r}; 'chainlog key list' names who is")
    return found


def summary(logged: Logged) -> str:
    """What an event is about, in one line."""
    fields: dict[str, Any] | None = logged.fields
    if fields is None:
        return "(body not held)" if logged.problem is None else "(body does not match)"
    parts = [f"{name} {fields[name]}" for name in ("from", "to", "holder", "document") if isinstance(fields.get(name), str)]
    lines = fields.get("lines")
    if isinstance(lines, list) and lines:
        first = format_line(lines[0]) if isinstance(lines[0], dict) else "(withheld)"
        parts.append(first if len(lines) == 1 else f"{first} and {len(lines) - 1} more")
    if isinstance(fields.get("item"), dict):
        parts.append(format_item(fields["item"]))
    return printable(", ".join(parts))


def _row(logged: Logged, held: dict[bytes, dict[str, str]]) -> list[str]:
    header = logged.entry.header
    signer = held.get(header.author)
    name = printable(signer["name"]) if signer else format_key_id(header.author)[:17] + "…"
    return [str(header.index), logged.entry.id.hex()[:SHORT_ID], format_time(header.time), name, header.kind, summary(logged)]


@click.command()
@click.option("--kind", metavar="KIND", help="Only entries of this kind.")
@click.option("--author", metavar="KEY|NAME", help="Only entries by this key (clk1:…) or holder.")
@click.option("--since", metavar="DATE", help="Only entries whose clock says so, or later (UTC).")
@click.option("--until", metavar="DATE", help="Only entries whose clock says so, or earlier (UTC).")
@click.option("--chain", "prefix", metavar="PREFIX", help="Another chain that is held here.")
@click.option("--limit", type=click.IntRange(min=1), help=f"At most so many, the newest; {SHOWN} for people unless said.")
@click.option("--all", "all_", is_flag=True, help="All of them.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each: {id, chain, index, time, author, kind, event}.")
@click.pass_context
def log(
    ctx: click.Context,
    kind: str | None,
    author: str | None,
    since: str | None,
    until: str | None,
    prefix: str | None,
    limit: int | None,
    *,
    all_: bool,
    as_json: bool,
) -> None:
    """List entries, newest last."""
    times = parse_moment(since), parse_moment(until, end=True)
    if limit is None and not all_ and not as_json:
        limit = SHOWN
    with open_ledger(ctx) as ledger:
        chain = find_chain(ledger, prefix)
        size = ledger.engine.head(chain).size
        authors = _authors(ledger, chain, author) if author else None
        filtered = any(one is not None for one in (kind, authors, *times))
        start = max(0, size - limit) if limit is not None and not filtered else 0
        wanted = chosen(ledger.read(start, size, chain), (kind,) if kind else (), times, authors)
        found: Iterator[Logged] = iter(deque(wanted, limit)) if limit is not None else wanted
        if as_json:
            for logged in found:
                emit(plain_entry(logged))
            return
        held = holders_of(ledger, chain, size - 1)
        table(("entry", "id", "clock", "signed by", "kind", "what"), (_row(logged, held) for logged in found))


COMMANDS: Final[dict[str, click.Command]] = {"log": log}
