"""Whether a ledger may be an older copy, of which this machine knows nothing.

Ledger and key can come back from a backup without the marks, or be handed to somebody who was
granted a key. What was recorded since is then held by others, or by nobody: to write on would fork
the chain. So where the signer's key may sign, and there is no mark, the ledger is first compared
with another copy (`sync`), or somebody says that it is the only one. Which head that was is kept in
the user's state, in the form of a mark.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from chainlog.errors import ReadOnlyError, RosterError, Sentence, UncertainError
from chainlog.format.keys import commitment_to_next
from chainlog.ledger.marks import Marks

if TYPE_CHECKING:
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.engine import Head


def check_compared(ledger: Ledger, head: Head) -> None:
    """Raise ReadOnlyError where the ledger's own chain may be an older copy of what was signed.

    Also where that cannot be told.
    """
    assert ledger.signer is not None
    if may_be_older(ledger, head, ledger.signer.key_id):
        hint = Sentence(
            "compare it with whoever may hold more: chainlog {where}sync PATH; where nobody does, "
            "say so: chainlog {where}chain only-copy",
            where=named(ledger),
        )
        raise ReadOnlyError(
            "your key may sign here, and this machine has no mark of this chain: it may be an "
            "older copy, and what is recorded in that forks the chain",
            hint=hint,
        )


def may_be_older(ledger: Ledger, head: Head, key_id: bytes | None) -> bool:
    """Whether a key may have signed entries of this chain that this machine has no mark of.

    One that is in force may have, whether or not some are here; one that signs only checkpoints
    has not. `head`: of the ledger's own chain; `key_id`: None where the key is not known. Raises
    ReadOnlyError.
    """
    marks = ledger.marks
    if marks is None or marks.get(ledger.chain) is not None:
        return False
    told = Marks(marks.state.compared).get(ledger.chain)
    if told is not None and told.size <= head.size:
        return ledger.entry(told.size - 1).entry.id != told.id
    if key_id is None:
        return True
    try:
        roster = ledger.roster_at(head.size)
    except (RosterError, UncertainError):
        return True
    grant = roster.keys.get(key_id)
    if grant is None:
        return roster.next is not None and commitment_to_next(key_id) == roster.next
    return grant.roles != ("log",)


def settle(ledger: Ledger, head: Head) -> None:
    """Remember that the own chain was compared as it stands, or is the only copy.

    Raises StoreError.
    """
    if ledger.marks is not None:
        Marks(ledger.marks.state.compared).put(ledger.chain, head)


def named(ledger: Ledger) -> str:
    """How a hint names this ledger in a command."""
    return "" if ledger.folder is None else f"--ledger {shlex.quote(str(ledger.folder))} "
