"""Options that many verbs share, and what their values mean."""

from __future__ import annotations

from codecs import BOM_UTF8
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

import click

from chainlog.cli.input import SETTINGS_NAME, read_input
from chainlog.cli.output import misuse
from chainlog.cli.recognise import POLICY, expecting
from chainlog.errors import EventError, NoChainError, Sentence
from chainlog.events.door.moments import read_moment
from chainlog.events.lookalikes import alike
from chainlog.events.terms import Role
from chainlog.events.wording import SHORT_ID
from chainlog.export.words.catalogue import words
from chainlog.format.entry import is_id
from chainlog.format.keys import commitment_to_next, parse_key_text
from chainlog.format.policy import parse_policy
from chainlog.ledger.held import PREFIX_LEAST

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from chainlog.format.opened import Logged
    from chainlog.format.policy import Policy
    from chainlog.ledger.ledger import Ledger


F = TypeVar("F", bound="Callable[..., Any]")

ROLES: Final = get_args(Role)


LIMIT: Final = 60
_COUNT: Final = click.IntRange(min=1)


def json_flag(told: str) -> Callable[[F], F]:
    """`--json`, with what it prints."""
    return click.option("--json", "as_json", is_flag=True, help=told)


def limit_flag(told: str, default: int) -> Callable[[F], F]:
    """`--limit`, for what may be long."""
    return click.option("--limit", type=_COUNT, default=default, show_default=True, help=told)


# What every question has.
as_of_option: Final = click.option(
    "--as-of",
    metavar="DATE",
    help="Only what was recorded by then, by the entries' clocks (UTC; a date means its end).",
)
json_option: Final = json_flag("Print one JSON object.")
limit_option: Final = limit_flag("Show at most so many rows.", LIMIT)
# Where thresholds count.
settings_option: Final = click.option(
    "--settings",
    metavar="FILE",
    help=f"Thresholds, monitored classes, parties in the country; otherwise {SETTINGS_NAME} in "
    "the ledger, or the defaults.",
)
chain_option: Final = click.option(
    "--chain", "prefix", metavar="PREFIX", help="Another chain that is held here."
)
workers_option: Final = click.option(
    "--workers", type=_COUNT, help="Threads; all cores unless said."
)
policy_option: Final = click.option(
    "--policy",
    "policy_file",
    metavar="FILE",
    help="Which witnesses must have cosigned; otherwise one that the authority admitted.",
)
no_passphrase_option: Final = click.option(
    "--no-passphrase", is_flag=True, help="Leave the file open to whoever can read it."
)


def find_chain(ledger: Ledger, prefix: str | None) -> bytes:
    """The chain whose id begins with `prefix`, or the ledger's own. Raises NoChainError."""
    if prefix is None:
        return ledger.chain
    text = prefix.lower()
    found = (
        [chain for chain in ledger.engine.chains() if chain.hex().startswith(text)]
        if len(text) >= PREFIX_LEAST
        else []
    )
    if len(found) != 1:
        beginnings = {chain.hex()[: len(text)]: chain for chain in ledger.engine.chains()}
        like = [beginnings[one].hex()[:SHORT_ID] for one in alike(text, beginnings)]
        told = (
            Sentence("more than one chain begins with {prefix}", prefix=prefix)
            if found
            else Sentence("no chain held here begins with {prefix!r}", prefix=prefix[:80])
        )
        raise NoChainError(
            told,
            like=", ".join(like[:3]),
            hint="these look like it: {like}"
            if like and not found
            else "chains go by at least 8 characters of their id; 'chainlog status' names this one",
        )
    return found[0]


def parse_moment(text: str | None, *, end: bool = False) -> int | None:
    """A date or instant as milliseconds since the Unix epoch.

    With `end`, the last one of a date. What is counted from now is counted in UTC.
    """
    if text is None:
        return None
    whole = _is_date(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            read = read_moment(text, datetime.now(UTC), "moment", lambda at: at.replace(tzinfo=UTC))
        except EventError as error:
            told = [words().tell(one) for one in (error.reason, error.hint) if one]
            raise click.BadParameter("; ".join(told)) from None
        whole, moment = _is_date(read), datetime.fromisoformat(read)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    time = int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    return time + 86_400_000 - 1 if end and whole else time


def _is_date(text: str) -> bool:
    """Whether a text is a date without a time, in any form: 2023-03-01, 20230301, 2023-W09-3."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def chosen(
    entries: Iterable[Logged],
    kinds: Collection[str],
    times: tuple[int | None, int | None],
    authors: Collection[bytes] | None = None,
) -> Iterator[Logged]:
    """Of `entries` those of these kinds, claimed times and authors.

    They are of any kind where none is named. The times are (from, to), in milliseconds.
    """
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


def read_policy(name: str | None) -> Policy | None:
    """The policy in a file, None where none is named."""
    if name is None:
        return None
    data = read_input(name).removeprefix(BOM_UTF8)
    with expecting(name, data, POLICY):
        return parse_policy(data)


def read_authority(ctx: click.Context, text: str) -> bytes:
    """The id that `--trust` takes. Raises UsageError."""
    if not is_id(text):
        raise misuse(ctx, "--trust takes the whole id of the authority's chain: 64 hex digits")
    return bytes.fromhex(text)


def read_next(text: str | None) -> bytes | None:
    """What commits to the key that may replace lost owners.

    From that key (`clk1:…`), or as `chainlog key show --next` prints it.
    """
    if text is None:
        return None
    return bytes.fromhex(text) if is_id(text) else commitment_to_next(parse_key_text(text))


def read_chain_id(text: str, what: str) -> bytes:
    """A whole id of a chain or an entry. Raises EventError."""
    if not is_id(text):
        raise EventError("expected an id: 64 hex digits", field=what)
    return bytes.fromhex(text)
