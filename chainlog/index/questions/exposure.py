"""All that rests on a key that was lost or compromised: entries, things, keys that it granted."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.custody.worth import worth_of
from chainlog.errors import KeyFormError, NoEntryError
from chainlog.events.lookalikes import alike
from chainlog.format.keys import format_key_id, parse_key_text
from chainlog.index.questions.holdings import HeldThing
from chainlog.index.questions.reply import JsonRow, for_people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.family import AuditSource, ChainFacts, RevocationFacts
    from chainlog.custody.worth import Worth
    from chainlog.index.inquiry import Inquiry
    from chainlog.index.names import Unmet

_PREFIX_LEAST: Final = 8
_LIKE_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class ExposedKey(JsonRow):
    """A key as one chain has it: why it was `revoked`, and from which entry on it is in doubt."""

    key: str
    name: str
    party: str
    roles: tuple[str, ...]
    chain: str
    revoked: str | None
    doubt_from: int | None


@dataclass(frozen=True, slots=True)
class SignedGroup(JsonRow):
    """The entries of one kind in one chain; `first` and `last`: their clocks, in ms."""

    chain: str
    kind: str
    entries: int
    in_doubt: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class GrantedKey(JsonRow):
    """A key that an exposed one granted: what it signs rests on that too."""

    key: str
    name: str
    party: str
    entry: bytes


@dataclass(frozen=True, slots=True)
class ExposureTotals(JsonRow):
    """What rests on the keys: `items` are where they are on their signature."""

    entries: int
    in_doubt: int
    items: int
    value: Worth
    # The types of the items, most often first.
    types: tuple[tuple[str, int], ...] = for_people()


@dataclass(frozen=True, slots=True)
class Exposure(JsonRow):
    """What rests on some keys, as of an instant in ms."""

    as_of: int
    keys: tuple[ExposedKey, ...]
    rows: tuple[SignedGroup, ...]
    items: tuple[HeldThing, ...]
    grants: tuple[GrantedKey, ...]
    totals: ExposureTotals
    unmet: tuple[Unmet, ...] = ()


def exposure_of(inquiry: Inquiry, key: str) -> Exposure:
    """All that rests on a key, named whole, by its beginning, or by who holds it.

    In doubt are the entries from the index on that a revocation names, or else those after it.
    Raises NoEntryError.
    """
    source = inquiry.source()
    meant = _keys_meant(inquiry, source, key)
    entries = list(_signed(inquiry, source, meant))
    # What holds now, and nothing of what was superseded since.
    held = inquiry.items.views.resting_on(one.id for one in entries)
    return Exposure(
        inquiry.instant,
        tuple(_exposed(source, meant)),
        tuple(_groups(entries)),
        tuple(map(HeldThing.of, held)),
        tuple(_granted(source, {one.id for one in entries})),
        ExposureTotals(
            len(entries),
            sum(one.in_doubt for one in entries),
            len(held),
            worth_of(one.worth for one in held),
            tuple(Counter(one.type or "things" for one in held).most_common()),
        ),
        inquiry.unmet,
    )


@dataclass(frozen=True, slots=True)
class _Signed:
    """An entry that an exposed key signed.

    `time`: its clock; `in_doubt`: whether the key's revocation doubts it.
    """

    id: bytes
    origin: str
    kind: str
    time: int
    in_doubt: bool


def _groups(entries: list[_Signed]) -> Iterator[SignedGroup]:
    groups: defaultdict[tuple[str, str], list[_Signed]] = defaultdict(list)
    for one in entries:
        groups[one.origin, one.kind].append(one)
    for names, some in sorted(groups.items()):
        times = [one.time for one in some]
        doubted = sum(one.in_doubt for one in some)
        yield SignedGroup(*names, len(some), doubted, min(times), max(times))


def _keys_meant(inquiry: Inquiry, source: AuditSource, text: str) -> set[bytes]:
    """The keys that a text means: whole, by its beginning, or by the name of who holds it.

    Raises NoEntryError.
    """
    named = [
        (key, name)
        for key, name in inquiry.items.db.execute("SELECT DISTINCT key, name FROM signer")
    ]
    named += [(grant.key, grant.name) for chain in source.chains for grant in chain.grants]
    try:
        meant = {parse_key_text(text)} & {key for key, _ in named}
    except KeyFormError:
        meant = {
            key
            for key, name in named
            if name == text or (len(text) >= _PREFIX_LEAST and format_key_id(key).startswith(text))
        }
    if not meant:
        like = alike(text, {name for _, name in named if name})
        raise NoEntryError(
            "no key held here is {text!r}",
            text=text[:80],
            like=", ".join(like[:_LIKE_SHOWN]),
            hint="these look like it: {like}"
            if like
            else "'chainlog key list' names the keys of a chain",
        )
    return meant


def _signed(inquiry: Inquiry, source: AuditSource, keys: set[bytes]) -> Iterator[_Signed]:
    revoked = {
        (chain.id, key): one for chain in source.chains for key, one in chain.revoked.items()
    }
    for key in sorted(keys):
        rows = inquiry.items.db.execute(
            "SELECT e.id, c.id, c.origin, e.idx, e.kind, e.time"
            " FROM signer g JOIN entry e ON e.signer = g.no JOIN chain c ON c.no = e.chain"
            " WHERE g.key = ? ORDER BY c.id, e.idx",
            (key,),
        )
        for entry, chain, origin, index, kind, time in rows:
            if inquiry.as_of is None or time <= inquiry.as_of:
                revocation = revoked.get((chain, key))
                doubted = revocation is not None and index >= _doubt_from(revocation)
                yield _Signed(entry, origin, kind, time, doubted)


def _doubt_from(revocation: RevocationFacts) -> int:
    return revocation.at + 1 if revocation.doubt_from is None else revocation.doubt_from


def _granted(source: AuditSource, entries: set[bytes]) -> Iterator[GrantedKey]:
    for chain in source.chains:
        for grant in chain.grants:
            if grant.since and grant.by in entries:
                yield GrantedKey(format_key_id(grant.key), grant.name, grant.party, grant.by)


def _exposed(source: AuditSource, keys: set[bytes]) -> Iterator[ExposedKey]:
    for chain in source.chains:
        yield from _exposed_in(chain, keys)


def _exposed_in(chain: ChainFacts, keys: set[bytes]) -> Iterator[ExposedKey]:
    revoked = chain.revoked
    for grant in chain.grants:
        if grant.key in keys:
            revocation = revoked.get(grant.key)
            yield ExposedKey(
                format_key_id(grant.key),
                grant.name,
                grant.party,
                tuple(grant.roles),
                chain.origin,
                revocation.reason if revocation else None,
                revocation.doubt_from if revocation else None,
            )
