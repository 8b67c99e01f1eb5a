"""What lies beside a ledger's files and should not: copies that a service made, and the service.

Nobody is kept from writing by it: whoever records is told, and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import Sentence, StoreError
from chainlog.store.raw import told_of
from chainlog.store.segment.copies import strays_beside, strays_in, synchronised_by, way_out
from chainlog.store.segment.shelf import SegmentShelf

if TYPE_CHECKING:
    from pathlib import Path


def said_beside(ledger: Path, chain: bytes) -> list[Sentence]:
    """What a person should know of the folder of a ledger and of a chain in it. Nothing is read."""
    folder = SegmentShelf(ledger).folder_of(chain)
    try:
        strays = [*strays_in(folder), *strays_beside(ledger)]
    except StoreError:
        return []
    told: list[Sentence] = [says for _, says in told_of(strays)]
    if (command := way_out(strays, folder)) is not None:
        told.append(
            Sentence("to put it aside, and take what only it has: {command}", command=command)
        )
    return [*told, *said_synchronised(ledger)]


def said_synchronised(ledger: Path) -> list[Sentence]:
    """That a ledger lies in a folder that a service synchronises."""
    found = synchronised_by(ledger)
    if found is None:
        return []
    service, folder = found
    return [
        Sentence(
            "{folder} is synchronised by {service}, which puts files in the place of those that "
            "are being written: keep the ledger elsewhere, and bring it to others with "
            "'chainlog sync PATH'",
            folder=folder,
            service=service,
        )
    ]
