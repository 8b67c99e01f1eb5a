"""`chainlog add KIND FILE|-`, for programs; and the one way in which every verb records.

Before signing, a person sees each event in words on stderr and says yes; a program gives `--yes`. With `--json` a recorded entry is
printed as `wording.plain_entry` makes it, one a line.
"""

from __future__ import annotations

import decimal
import hashlib
import mimetypes
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from chainlog.cli.knowing import Knowing
from chainlog.cli.log import summary
from chainlog.cli.messages import Talk, language
from chainlog.cli.session import emit, key_path, open_ledger, read_signer, say, warn
from chainlog.cli.status import say_fork, unsettled_forks
from chainlog.commitment import SALT_BYTES, commit
from chainlog.errors import ChainlogError, EventError, IntakeError, NoEntryError, StoreError
from chainlog.plain import from_plain
from chainlog.vocabulary import KINDS
from chainlog.wording import SHORT_ID, format_event, format_time, plain_entry, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chainlog.event import Event
    from chainlog.ledger import Ledger

PROBLEMS_SHOWN: Final = 20
# What is read whole: longer than the longest event, policy or evidence.
_INPUT_LIMIT: Final = 2**28
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


def recording_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--yes` and `--json`, which every recording verb has."""
    command = click.option("--json", "as_json", is_flag=True, help="Print the recorded entry as JSON.")(command)
    return click.option("--yes", is_flag=True, help="Do not ask before signing.")(command)


def check_somebody(ctx: click.Context, *, yes: bool) -> None:
    """Raise UsageError where nobody can be asked and nobody said yes."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("nobody is here to say yes before signing: give --yes", ctx)


def unlock(ctx: click.Context, ledger: Ledger) -> None:
    """Give the ledger its user's signer; the passphrase is asked for once."""
    if ledger.signer is None:
        ledger.signer = read_signer(key_path(ctx, ledger.folder))


def record(
    ctx: click.Context,
    build: Callable[[Ledger], Sequence[Event]],
    *,
    yes: bool,
    as_json: bool,
    files: Sequence[Path] = (),
    ids: bool = False,
) -> None:
    """Build events with the ledger at hand, have a person look at them, sign and append them, say what was recorded.

    `files`: the attachments that the events already name, kept once the person has said yes. `ids`: print bare ids, a line each.
    """
    check_somebody(ctx, yes=yes)
    with open_ledger(ctx) as ledger:
        events = build(ledger)
        if yes:
            unlock(ctx, ledger)
        for fork in unsettled_forks(ledger):
            if not all(event.kind == "chain.fork" for event in events):
                warn(printable(say_fork(fork)))
        foreseen = _foresee(ledger, events)
        for event, sentences in zip(events, foreseen, strict=True):
            if not yes:
                say(format_event(event.kind, event.fields))
                say_cited(ledger, event)
            for sentence in sentences:
                warn(sentence)
        if not yes:
            click.confirm("sign and record this?" if len(events) == 1 else f"sign and record these {len(events)}?", abort=True, err=True)
        unlock(ctx, ledger)
        for path in files:
            told = describe_file(path)
            if ledger.attach(path, told["type"]) != told:
                raise StoreError(f"{path} changed while it was read; nothing was recorded", hint="try again once it is whole")
        _append(ledger, events, as_json=as_json, ids=ids)


def _foresee(ledger: Ledger, events: Sequence[Event]) -> list[list[str]]:
    """For each event, in words, what would become a finding. A key that is still locked leaves open what only it could say."""
    key = None if ledger.signer is None else ledger.signer.key_id
    with Knowing(Talk(language()), lambda: ledger, warn) as known:
        return known.foresee(events, key)


def say_cited(ledger: Ledger, event: Event) -> None:
    """Say what the cited entries are, as far as they are held here: nobody knows an entry by its id."""
    for name, value in event.fields.items():
        for one in value if isinstance(value, list) else [value]:
            if name not in _CITES or not isinstance(one, bytes):
                continue
            try:
                chain, index = ledger.find(one.hex())
            except NoEntryError:
                say(f"  {one.hex()[:SHORT_ID]} is not held here")
                continue
            cited = ledger.entry(index, chain)
            header = cited.entry.header
            say(f"  {one.hex()[:SHORT_ID]} is a {header.kind} of {format_time(header.time)}: {summary(cited)}")


_CITES: Final = frozenset({"dispatch", "draws_on", "entries", "entry", "initial", "loss"})


def _append(ledger: Ledger, events: Sequence[Event], *, as_json: bool, ids: bool) -> None:
    recorded = 0

    def count(more: int) -> None:
        nonlocal recorded
        recorded += more

    try:
        entries = ledger.append_many(events, count)
    except ChainlogError:
        if recorded:
            warn(f"the first {recorded} of {len(events)} events were recorded before this error")
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
        click.echo(entry.id.hex() if ids else f"recorded {entry.id.hex()[:SHORT_ID]} as entry {entry.header.index}")


def describe_file(path: Path) -> dict[str, Any]:
    """What an event says of a file: `{sha256, size, type}`. Raises StoreError."""
    guessed = mimetypes.guess_type(path.name)[0] or ""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
            size = file.tell()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from None
    return {"sha256": digest, "size": size, "type": guessed if _MEDIA_TYPE.fullmatch(guessed) else "application/octet-stream"}


def read_input(name: str) -> bytes:
    """The bytes of a file, or of stdin for `-`. Raises StoreError, also for what is longer than anything that is read whole."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read()
        else:
            with Path(name).open("rb") as file:
                data = file.read(_INPUT_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise StoreError(f"{name[:200]} cannot be read: {error}") from None
    if len(data) > _INPUT_LIMIT:
        raise StoreError(f"{name[:200]} is longer than {_INPUT_LIMIT} bytes", hint="is it the right file?")
    return data


# JSON from outside


def decode_json(data: bytes) -> Any:  # noqa: ANN401  (JSON has no better type)
    """The JSON value in `data`, numbers kept exact. Raises EventError for all that is no JSON, and for a name given twice."""
    try:
        data.decode()
        value = _decoder.decode(data)
    except UnicodeDecodeError as error:
        raise EventError(f"not UTF-8, at byte {error.start}") from None
    except RecursionError:
        raise EventError("nested too deep") from None
    except (msgspec.DecodeError, decimal.DecimalException, ValueError) as error:
        raise EventError(f"not JSON: {str(error)[:200]}") from None
    _check_names(data)
    return value


_decoder: Final = msgspec.json.Decoder(float_hook=decimal.Decimal)


def _check_names(data: bytes) -> None:
    """Raise EventError where an object has a name twice: two readers would take two different values."""
    import json  # noqa: PLC0415  (the standard parser alone tells of every name)

    def pairs(found: list[tuple[str, Any]]) -> None:
        names = set()
        for name, _ in found:
            if name in names:
                raise EventError(f"the name {name[:80]!r} stands there twice")
            names.add(name)

    try:
        # Numbers stay text: Python refuses to read very long ones, and nobody needs them here.
        json.loads(data, object_pairs_hook=pairs, parse_int=str, parse_float=str)
    except RecursionError:
        raise EventError("nested too deep") from None
    except ValueError as error:
        raise EventError(f"not JSON: {str(error)[:200]}") from None


def parse_events(kind: str, data: bytes) -> list[Event]:
    """The events of `kind` in one JSON object, or in lines of one object each. Raises IntakeError, which names each line."""
    if not data.strip():
        raise IntakeError("no event in the input", hint="give one JSON object, or a line of JSON for each event")
    events: list[Event] = []
    problems: list[str] = []
    for number, text in _pieces(data):
        try:
            events.append(parse_event(kind, decode_json(text)))
        except ChainlogError as error:
            problems.append(f"line {number}: {error.message}")
    if problems:
        more = len(problems) - PROBLEMS_SHOWN
        shown = (*problems[:PROBLEMS_SHOWN], *((f"and {more} more",) if more > 0 else ()))
        raise IntakeError(f"{len(problems)} of the events cannot be recorded; nothing was", problems=shown, hint=f"chainlog schema {kind}")
    return events


def _pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; or the whole, where its first line is no value by itself."""
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    try:
        _decoder.decode(lines[0][1])
    except (ValueError, decimal.DecimalException, RecursionError):
        # Broken lines must be told line by line, so a whole that does not parse either is taken as lines.
        try:
            _decoder.decode(data)
        except (ValueError, decimal.DecimalException, RecursionError):
            yield from lines
        else:
            yield lines[0][0], data
    else:
        yield from lines


def parse_event(kind: str, value: Any) -> Event:  # noqa: ANN401  (JSON has no better type)
    """The event in a JSON value, checked to be one that can be committed to. Raises EventError, BodyError, CanonicalError."""
    if not isinstance(value, dict):
        raise EventError("expected a JSON object with the event's fields")
    event = from_plain(kind, value)
    commit(event.fields, bytes(SALT_BYTES))
    return event


@click.command()
@click.argument("kind")
@click.argument("file", metavar="FILE|-")
@recording_options
@click.pass_context
def add(ctx: click.Context, kind: str, file: str, *, yes: bool, as_json: bool) -> None:
    """Append events of KIND from FILE: one JSON object, or a line of JSON for each. All are checked before the first is recorded.

    Prints the id of each, or with --json the entry: {id, chain, index, time, author, kind, event}.
    """
    if kind not in KINDS or kind == "chain.open":
        told = "'chainlog init' opens a chain" if kind == "chain.open" else "'chainlog schema' lists the kinds"
        raise click.UsageError(f"no event of kind {kind!r} can be added; {told}", ctx)
    check_somebody(ctx, yes=yes or file == "-")
    if file == "-" and not yes:
        raise click.UsageError("events from stdin leave nobody to say yes before signing: give --yes", ctx)
    data = read_input(file)
    record(ctx, lambda _ledger: parse_events(kind, data), yes=yes, as_json=as_json, ids=True)


COMMANDS: Final[dict[str, click.Command]] = {"add": add}
