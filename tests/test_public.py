"""The public names: each is what it says, and does it when it is called."""

from __future__ import annotations

import inspect
import subprocess
import sys
from enum import EnumType

import pytest
from support.chains import small_chain

import chainlog
from chainlog import (
    ChainlogError,
    Ed25519Signer,
    Event,
    Ledger,
    Level,
    Report,
    Signer,
    Verdict,
    verify,
)
from chainlog.errors import EventError
from chainlog.verifier.run import Segment, Source

# What each is.
NAMES = {
    "ChainlogError": type,
    "Ed25519Signer": type,
    "Event": type,
    "Ledger": type,
    "Level": EnumType,
    "Report": type,
    "Signer": type,
    "Verdict": EnumType,
    "verify": type(lambda: None),
}
FIELDS = {"event_time": "2023-03-01T08:00:00Z", "from": "A", "to": "B"}
LINES = [{"item": {"maker": "1ABC2", "part": "M777", "serial": "SN-1"}}]


def test_each_name_is_of_its_kind_and_told():
    assert chainlog.__all__ == sorted(NAMES)
    for name, kind in NAMES.items():
        found = getattr(chainlog, name)
        assert isinstance(found, kind), name
        assert not inspect.ismodule(found), name
        assert found.__name__ == name
        assert inspect.getdoc(found), name
    assert set(NAMES) <= set(dir(chainlog))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = chainlog.nothing


@pytest.mark.parametrize(
    "before", ["import chainlog.verifier.run", "import chainlog.ledger.ledger"]
)
def test_a_name_stays_what_it_is_whatever_was_imported_before(before):
    program = (
        f"{before}\nfrom chainlog import verify, Ledger\nprint(callable(verify), type(Ledger))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True <class 'type'>\n"


def test_verify_is_a_function_that_verifies():
    draft = small_chain(3)
    records = [b"".join(draft.records())]
    report = verify([Source("depot", iter([Segment("0", records, 0)]), draft.chain)])
    assert isinstance(report, Report)
    assert (report.verdict, report.level) == (Verdict.HOLDS, Level.FULL)


def test_a_ledger_is_written_and_verified_with_nothing_but_public_names(tmp_path):
    signer = Ed25519Signer.from_seed(bytes(32))
    # A protocol: whatever has a key id and signs is one.
    asked = {name for name in vars(Signer) if not name.startswith("_")}
    assert asked <= set(dir(signer))
    assert len(signer.sign(b"x")) == 64
    opening = {
        "origin": "example.org/depot",
        "site": "depot",
        "keys": [{"key": signer.key_id, "roles": ["owner"]}],
        "holders": [{"name": "Олена Коваль"}],
    }
    with Ledger.create(tmp_path / "depot", opening, signer) as ledger:
        entry = ledger.append(Event.parse("transfer", {**FIELDS, "lines": LINES}))
        assert [one.entry.id for one in ledger.read()][-1] == entry.id
        assert ledger.verify(level=Level.HEADS).verdict is Verdict.HOLDS


def test_errors_are_of_one_family():
    with pytest.raises(ChainlogError) as caught:
        Event.parse("transfer", {})
    assert isinstance(caught.value, EventError)
    assert caught.value.code == "event"
