"""Events that are appended together."""

from __future__ import annotations

import itertools

from support.chains import CLERK, OWNER, opening, transfer

from chainlog.events.event import Event
from chainlog.ledger.ledger import Ledger

KEYS = ((OWNER, ["owner", "custodian"]), (CLERK, ["custodian"]))


def test_each_is_signed_by_whom_and_when_it_was_handed_over(tmp_path):
    times = itertools.count(1_700_000_000_000, 1000)
    now = [next(times)]
    marks = tmp_path / "home" / "marks"
    wanted = []
    with Ledger.create(
        tmp_path / "depot", opening(keys=KEYS), OWNER, marks=marks, clock=lambda: now[0]
    ) as ledger:

        def handed():
            for number in range(6):
                ledger.signer = (CLERK, OWNER)[number % 2]
                now[0] = next(times)
                wanted.append((ledger.signer.key_id, now[0]))
                yield Event.parse("transfer", transfer(number))

        entries = ledger.append_many(handed())
        assert [(one.header.author, one.header.time) for one in entries] == wanted
        assert ledger.verify(parallel=1).verdict.value == "holds"
