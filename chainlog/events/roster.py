"""Who may sign what in a chain, from which index (FORMAT.md 8, rules of step 5).

A roster is a fold over the governing entries of one chain, in order. Being in force is a matter of
index alone: what an entry grants or revokes counts from the next index on. The rules:

- Entry 0, and no other, is `chain.open`, signed by one of its own keys with the role `owner`.
- `site.*` and `witness.*` stand only in an authority's chain, one without `programme`.
- A governing entry is signed by an owner in force; but `chain.seen`, `chain.fork` and revoking
  one's own key by any key in force, and `key.recover` by the key that was committed to beforehand.
- Any other entry is signed by any key in force.
- A revoked key never returns. What would leave no owner is refused. After `chain.close` only
  `chain.erase` may follow.
- A governing entry that cannot be read (of an unknown kind, with an unknown field, without its
  body) leaves everything after it uncertain, since it may have changed who may sign.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from chainlog.errors import EventError, RosterError, UncertainError
from chainlog.events.event import Event
from chainlog.events.kinds import (
    GOVERNING,
    MOVES_ROSTER,
    ChainClose,
    ChainFork,
    ChainOpen,
    ChainSeen,
    KeyGrant,
    KeyRecover,
    KeyRevoke,
)
from chainlog.events.powers import Powers
from chainlog.events.revocation import Revocation
from chainlog.format.keys import commitment_to_next, format_key_id, parse_key_id

if TYPE_CHECKING:
    from chainlog.events.terms import Detail, Holder
    from chainlog.format.body import Body
    from chainlog.format.entry import Header

WITHHELD: Final = "(withheld)"
# Who holds a key, where that is withheld: never somebody of the site's, for all that is known.
_NOBODY: Final = {"name": WITHHELD, "party": WITHHELD}
_GOVERNING_KINDS: Final = frozenset(shape.kind for shape in GOVERNING)
_MAY_BE_WITHHELD: Final = frozenset({"holder", "site", "scope", "note"})
_ONLY_AUTHORITY: Final = ("site.", "witness.")


@dataclass(frozen=True, slots=True)
class Grant:
    """A key in force.

    It has its roles, who holds it, for which body it signs, and the index from which it is in
    force.
    """

    roles: tuple[str, ...]
    name: str
    party: str
    since: int
    until: str | None = None

    @property
    def is_owner(self) -> bool:
        """Whether the key governs the chain."""
        return "owner" in self.roles

    @property
    def may_log(self) -> bool:
        """Whether the key signs checkpoints as the log."""
        return self.is_owner or "log" in self.roles


@dataclass(slots=True)
class Roster:
    """The fold.

    `size`: entries seen so far; `pointer`: what the `roster` field of the next entry must be.
    """

    origin: str = ""
    site: str = ""
    programme: bytes | None = None
    keys: dict[bytes, Grant] = field(default_factory=dict)
    revoked: dict[bytes, Revocation] = field(default_factory=dict)
    powers: Powers = field(default_factory=Powers)
    next: bytes | None = None
    pointer: int = 0
    closed_at: int | None = None
    opened: bool = False
    uncertain_from: int | None = None
    owner_count: int = 0

    def copy(self) -> Roster:
        """A roster that can be folded on without changing this one."""
        return replace(
            self, keys=dict(self.keys), revoked=dict(self.revoked), powers=self.powers.copy()
        )

    @property
    def owners(self) -> tuple[bytes, ...]:
        """The keys in force with the role `owner`, in the order of their bytes."""
        return tuple(sorted(key for key, grant in self.keys.items() if grant.is_owner))

    @property
    def log_signers(self) -> list[bytes]:
        """The keys in force that may sign checkpoints as the log.

        Those with the role `log` or `owner`.
        """
        return [key for key, grant in self.keys.items() if grant.may_log]

    def check_custody(self, index: int, author: bytes) -> None:
        """Raise RosterError unless `author` may sign an entry of custody at `index`."""
        if index == 0:
            raise RosterError("the first entry does not open the chain", fault="not-opened")
        if self.closed_at is not None:
            raise RosterError(
                "the chain was closed by entry {closed_at}",
                closed_at=self.closed_at,
                fault="chain-closed",
            )
        self._check_in_force(author)

    def govern(self, header: Header, body: Body | None) -> Event:
        """Take in a governing entry.

        Raises RosterError, KeyFormError or UncertainError, and then has changed nothing but
        certainty.
        """
        kind, index = header.kind, header.index
        if self.closed_at is not None and kind != "chain.erase":
            raise RosterError(
                "the chain was closed by entry {closed_at}",
                closed_at=self.closed_at,
                fault="chain-closed",
            )
        if (index == 0) != (kind == "chain.open"):
            raise RosterError("the first entry, and no other, opens the chain", fault="not-opened")
        if kind.startswith(_ONLY_AUTHORITY) and self.programme is not None:
            raise RosterError(
                "{kind} stands only in an authority's chain", kind=kind, fault="not-authority"
            )
        try:
            event = read_governing(kind, body)
        except UncertainError:
            self.check_blind(kind, header.author)
            self.uncertain_from = index if self.uncertain_from is None else self.uncertain_from
            raise
        self._check_signer(header.author, event.detail)
        self._apply(header, event.detail)
        return event

    def _check_signer(self, author: bytes, detail: Detail) -> None:
        match detail:
            case ChainOpen():
                if not any(one.key == author and "owner" in one.roles for one in detail.keys):
                    raise RosterError(
                        "the chain is opened by a key that is not among its owners",
                        fault="not-owner",
                    )
            case ChainSeen() | ChainFork():
                self._check_in_force(author)
            case KeyRevoke() if detail.key == author:
                self._check_in_force(author)
            case KeyRecover():
                if detail.key != author:
                    raise RosterError("recovery by one key for another", fault="not-next")
                self._check_next(author)
            case _:
                self._check_owner(author)

    def check_blind(self, kind: str, author: bytes) -> None:
        """Raise RosterError unless `author` may sign a governing entry of this kind.

        What the entry says makes no difference: this is for one that cannot be read.
        """
        if kind in {"chain.seen", "chain.fork", "key.revoke"}:
            self._check_in_force(author)
        elif kind == "key.recover":
            self._check_next(author)
        elif kind != "chain.open":
            self._check_owner(author)

    def _apply(self, header: Header, detail: Detail) -> None:
        index = header.index
        match detail:
            case ChainOpen():
                self._open(detail)
            case KeyGrant():
                if detail.key in self.revoked:
                    raise RosterError("a revoked key never returns", fault="key-returns")
                until = detail.until if isinstance(detail.until, str) else None
                self._set(
                    detail.key, self._grant(detail.roles, detail.holder, index + 1, until), index
                )
            case KeyRevoke():
                self._set(detail.key, None, index)
                doubt = detail.since if isinstance(detail.since, int) else None
                said = Revocation(detail.reason, index, doubt)
                known = self.revoked.get(detail.key)
                self.revoked[detail.key] = said if known is None else known.joined(said)
            case KeyRecover():
                self._recover(detail, index)
            case ChainClose():
                self.closed_at = index
            case _:
                pass
        if header.kind in MOVES_ROSTER:
            self.pointer = index

    def _open(self, detail: ChainOpen) -> None:
        self.origin, self.site, self.opened = detail.origin, detail.site, True
        self.programme = detail.programme if isinstance(detail.programme, bytes) else None
        self.next = detail.next if isinstance(detail.next, bytes) else None
        for one, holder in zip(detail.keys, detail.holders, strict=True):
            grant = self._grant(one.roles, holder, 1, None)
            # One key that stands twice has what is said of it last.
            self.owner_count += grant.is_owner - self._is_owner(one.key)
            self.keys[one.key] = grant
        for key, grant in self.keys.items():
            self.powers.turn(key, 1, may=grant.may_log)

    def _recover(self, detail: KeyRecover, index: int) -> None:
        known = self.keys.get(detail.key)
        name, party = (known.name, known.party) if known else ("", self.site)
        owners = [key for key in self.owners if key != detail.key]
        self._set(detail.key, Grant(("owner",), name, party, index + 1), index)
        for key in owners:
            self._set(key, None, index)
            self.revoked.setdefault(key, Revocation("lost", index))
        self.next = detail.next if isinstance(detail.next, bytes) else None

    def _grant(self, roles: list[Any], holder: Holder, since: int, until: str | None) -> Grant:
        party = holder.party if isinstance(holder.party, str) else self.site
        return Grant(tuple(roles), holder.name, party, since, until)

    def _set(self, key: bytes, grant: Grant | None, index: int) -> None:
        """Give a key what the entry at `index` grants it, or take all away."""
        owners = self.owner_count - self._is_owner(key) + (grant is not None and grant.is_owner)
        if not owners:
            raise RosterError("this would leave the chain without an owner", fault="no-owner")
        self.owner_count = owners
        if grant is not None:
            self.keys[key] = grant
        else:
            self.keys.pop(key, None)
        self.powers.turn(key, index + 1, may=grant is not None and grant.may_log)

    def _is_owner(self, key: bytes) -> bool:
        return key in self.keys and self.keys[key].is_owner

    def _check_next(self, author: bytes) -> None:
        if commitment_to_next(author) != self.next:
            raise RosterError(
                "recovery by a key that was not committed to beforehand", fault="not-next"
            )
        if author in self.revoked:
            raise RosterError("recovery by a key that was revoked", fault="key-revoked")

    def _check_in_force(self, author: bytes) -> None:
        if author not in self.keys:
            if author in self.revoked:
                raise RosterError(
                    "its key was revoked by entry {at}",
                    at=self.revoked[author].at,
                    fault="key-revoked",
                )
            raise RosterError(
                "its key {key}… was never granted here",
                key=format_key_id(author)[:17],
                fault="key-unknown",
            )

    def _check_owner(self, author: bytes) -> None:
        self._check_in_force(author)
        if not self._is_owner(author):
            raise RosterError(
                "it governs the chain, and its key is not an owner", fault="not-owner"
            )


def read_governing(kind: str, body: Body | None) -> Event:
    """The governing event in `body`.

    Raises UncertainError where it cannot be known, RosterError or KeyFormError where it is wrong.
    """
    if kind not in _GOVERNING_KINDS:
        raise UncertainError(
            "{kind} is no kind that this version knows",
            kind=kind,
            fault="kind-unknown",
            hint="use a newer chainlog",
        )
    if body is None:
        hint = "get the chain from one who holds it whole"
        raise UncertainError(
            "the body of a {kind} is not held", kind=kind, fault="governing-absent", hint=hint
        )
    fields: dict[str, Any] = dict(body.fields())
    for path in body.withheld:
        if path not in _MAY_BE_WITHHELD and not path.startswith("holders/"):
            raise UncertainError(
                "{path} of a {kind} is withheld", path=path, kind=kind, fault="governing-withheld"
            )
        if path in _MAY_BE_WITHHELD:
            fields[path] = dict(_NOBODY) if path == "holder" else WITHHELD
    holders = fields.get("holders")
    if isinstance(holders, list):
        fields["holders"] = [dict(_NOBODY) if holder is None else holder for holder in holders]
    for key in _keys_in(fields):
        parse_key_id(key)
    try:
        return Event.parse(kind, fields)
    except EventError as error:
        if error.unknown:
            raise UncertainError(
                "a {kind} with what this version does not know: {why}",
                kind=kind,
                why=error.message,
                fault="field-unknown",
            ) from None
        raise RosterError(
            "a {kind} that does not fit: {why}",
            kind=kind,
            why=error.message,
            fault="governing-malformed",
        ) from None


def _keys_in(fields: dict[str, Any]) -> list[bytes]:
    """Every key that a governing event names, whatever its shape."""
    listed = fields.get("keys")
    entries = listed if isinstance(listed, list) else []
    found = [fields.get("key"), *(entry.get("key") for entry in entries if isinstance(entry, dict))]
    return [key for key in found if isinstance(key, bytes)]
