"""`chainlog exposure KEY`: all that rests on a key that was lost or compromised."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.inquire import Answer, Inquiry, day, inquire, plain_worth, say_worth, worth_of
from chainlog.cli.look.holdings import plain_holding
from chainlog.cli.options import as_of_option, json_option, limit_option
from chainlog.cli.output import emit
from chainlog.errors import KeyFormError, NoEntryError
from chainlog.events.wording import printable
from chainlog.format.keys import format_key_id, parse_key_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.family import Chain, Grant, Revocation, Source

PREFIX_LEAST: Final = 8
_TYPES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Signed:
    """An entry that an exposed key signed.

    `time`: its clock; `in_doubt`: whether the key's revocation doubts it.
    """

    id: bytes
    origin: str
    index: int
    kind: str
    time: int
    in_doubt: bool


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
    entry}], totals: {entries, in_doubt, items, value}}.
    """
    with inquire(ctx, as_of) as inquiry:
        source = inquiry.source()
        meant = _keys_meant(inquiry, source, key)
        entries = list(_signed(inquiry, source, meant))
        # What holds now, and nothing of what was superseded since.
        held = inquiry.items.views.resting_on(one.id for one in entries)
        grants = list(_granted(source, {one.id for one in entries}))
        answer = _table(entries)
        worth = worth_of(one.worth for one in held)
        if as_json:
            totals = {
                "entries": len(entries),
                "in_doubt": sum(one.in_doubt for one in entries),
                "items": len(held),
                "value": plain_worth(worth),
            }
            keys = [
                _plain_key(chain, grant, revocation)
                for chain, grant, revocation in _grants(source, meant)
            ]
            rows, items = answer.plain, [plain_holding(one) for one in held]
            emit(
                {
                    "as_of": inquiry.instant,
                    "keys": keys,
                    "rows": rows,
                    "items": items,
                    "grants": grants,
                    "totals": totals,
                }
            )
            return
        answer.words += [
            _say_key(chain, grant, revocation)
            for chain, grant, revocation in _grants(source, meant)
        ]
        kinds = Counter(one.type or "things" for one in held)
        counted = ", ".join(f"{count} × {kind}" for kind, count in kinds.most_common(_TYPES_SHOWN))
        valued = f", worth {say_worth(worth)}" if worth else ""
        answer.words.append(
            printable(
                f"{len(held):,} things are where they are on its "
                f"signature{': ' if counted else ''}{counted}{valued}"
            )
        )
        if grants:
            answer.words.append(
                printable(
                    f"it granted {len(grants)} keys: {', '.join(one['name'] for one in grants)}"
                )
            )
        answer.show(inquiry, as_json=False, limit=limit)


def _table(entries: list[Signed]) -> Answer:
    answer = Answer(("chain", "kind", ">entries", ">in doubt", "first", "last"))
    groups: defaultdict[tuple[str, str], list[Signed]] = defaultdict(list)
    for one in entries:
        groups[one.origin, one.kind].append(one)
    for (origin, kind), some in sorted(groups.items()):
        doubted = sum(one.in_doubt for one in some)
        first, last = min(one.time for one in some), max(one.time for one in some)
        answer.add(
            (origin, kind, f"{len(some):,}", f"{doubted:,}", day(first), day(last)),
            chain=origin, kind=kind, entries=len(some), in_doubt=doubted, first=first, last=last,
        )  # fmt: skip
    answer.totals.append(
        ("total", "", f"{len(entries):,}", f"{sum(one.in_doubt for one in entries):,}", "", "")
    )
    return answer


def _keys_meant(inquiry: Inquiry, source: Source, text: str) -> set[bytes]:
    """The keys that a text means: whole, by its beginning, or by the name of who holds it.

    Raises NoEntryError.
    """
    named = [
        (key, name)
        for key, name in inquiry.items.db.execute("SELECT DISTINCT key, name FROM signer")
    ]
    named += [(grant.key, grant.name) for chain in source.chains for grant in chain.grants]
    try:
        found = {parse_key_text(text)} & {key for key, _ in named}
    except KeyFormError:
        found = {
            key
            for key, name in named
            if name == text or (len(text) >= PREFIX_LEAST and format_key_id(key).startswith(text))
        }
    if not found:
        raise NoEntryError(
            f"no key held here is {text[:80]!r}",
            hint="'chainlog key list' names the keys of a chain",
        )
    return found


def _signed(inquiry: Inquiry, source: Source, keys: set[bytes]) -> Iterator[Signed]:
    revoked = {(chain.id, one.key): one for chain in source.chains for one in chain.revocations}
    for key in sorted(keys):
        rows = inquiry.items.db.execute(
            "SELECT e.id, c.id, c.origin, e.idx, e.kind, e.time"
            " FROM signer g JOIN entry e ON e.signer = g.no JOIN chain c ON c.no = "
            "e.chain WHERE g.key = ? ORDER BY c.id, e.idx",
            (key,),
        )
        for entry, chain, origin, index, kind, time in rows:
            if inquiry.as_of is None or time <= inquiry.as_of:
                revocation = revoked.get((chain, key))
                yield Signed(
                    entry,
                    origin,
                    index,
                    kind,
                    time,
                    revocation is not None and index >= _doubt_from(revocation),
                )


def _doubt_from(revocation: Revocation) -> int:
    return revocation.at + 1 if revocation.doubt_from is None else revocation.doubt_from


def _granted(source: Source, entries: set[bytes]) -> Iterator[dict[str, str]]:
    """The keys that these entries granted: what they sign rests on these too."""
    for chain in source.chains:
        for grant in chain.grants:
            if grant.since and grant.by in entries:
                yield {
                    "key": format_key_id(grant.key),
                    "name": grant.name,
                    "party": grant.party,
                    "entry": grant.by.hex(),
                }


def _grants(source: Source, keys: set[bytes]) -> Iterator[tuple[Chain, Grant, Revocation | None]]:
    for chain in source.chains:
        revoked = {one.key: one for one in chain.revocations}
        yield from (
            (chain, grant, revoked.get(grant.key)) for grant in chain.grants if grant.key in keys
        )


def _plain_key(chain: Chain, grant: Grant, revocation: Revocation | None) -> dict[str, Any]:
    return {
        "key": format_key_id(grant.key),
        "name": grant.name,
        "party": grant.party,
        "roles": list(grant.roles),
        "chain": chain.origin,
        "revoked": revocation.reason if revocation else None,
        "doubt_from": revocation.doubt_from if revocation else None,
    }


def _say_key(chain: Chain, grant: Grant, revocation: Revocation | None) -> str:
    state = "in force" if revocation is None else f"revoked ({revocation.reason})"
    doubt = (
        f", entries from {revocation.doubt_from} on in doubt"
        if revocation and revocation.doubt_from is not None
        else ""
    )
    return printable(
        f"{grant.name} of {grant.party} in {chain.origin}: {', '.join(grant.roles)}; {state}{doubt}"
    )


COMMAND: Final[click.Command] = exposure
