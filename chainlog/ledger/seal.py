"""How an event becomes the next entry of a chain: laid out, signed, and only if its signer may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chainlog.errors import KeyfileError, RosterError
from chainlog.events.event import Event, is_governing
from chainlog.events.roster import Roster
from chainlog.format.body import commit_to, open_body
from chainlog.format.entry import NO_ID, VERSION, Entry, Header, seal
from chainlog.format.keys import Ed25519Signer, Signer, signature_holds

if TYPE_CHECKING:
    from chainlog.store.engine import Head


class Asked(NamedTuple):
    """An event that was asked to be recorded: of whom, and when (ms); later than that it is signed.

    So a group that waits for its turn is signed as it was handed over, event by event.
    """

    event: Event
    signer: Signer
    time: int


def seal_opening(
    opening: dict[str, Any], signer: Signer, time: int, salt: bytes
) -> tuple[Entry, bytes]:
    """Entry 0 of a new chain and its body, from the fields of a `chain.open`.

    `time`: ms. Raises EventError, RosterError.
    """
    event = Event.parse("chain.open", opening)
    body, commitment = commit_to(event.slots, salt)
    header = Header(VERSION, NO_ID, NO_ID, 0, 0, time, signer.key_id, "chain.open", commitment)
    entry = seal(header, signer)
    Roster().govern(entry.header, open_body(body, commitment))
    return entry, body


def seal_event(
    asked: Asked, chain: bytes, head: Head, roster: Roster, salt: bytes
) -> tuple[Entry, bytes, Roster]:
    """The entry after `head`, its body, and the roster after it. `roster` is not changed.

    Raises RosterError, UncertainError, KeyfileError.
    """
    event, signer, time = asked
    author, index = signer.key_id, head.size
    body, commitment = commit_to(event.slots, salt)
    header = Header(
        VERSION, chain, head.id, index, roster.pointer, time, author, event.kind, commitment
    )
    if is_governing(event.kind):
        roster = roster.copy()
        roster.govern(header, open_body(body, commitment))
    else:
        roster.check_custody(index, author)
        if roster.keys[author].roles == ("log",):
            raise RosterError(
                "this key signs checkpoints, never entries",
                fault="log-only",
                hint="use the key of a person",
            )
    entry = seal(header, signer)
    # A key in this process signs what it says it is; a card or an agent may have been swapped.
    if not isinstance(signer, Ed25519Signer) and not signature_holds(
        author, entry.signature, entry.signed
    ):
        raise KeyfileError(
            "the signature that came back does not hold; nothing was recorded",
            hint="is this the right card or agent?",
        )
    return entry, body, roster
