"""A file of evidence is given to `verify`, and called tampered. It is checked as evidence, as
`evidence check` does, for whoever says whom they trust; else it is said what it is.
"""

from __future__ import annotations

import json
import os
import resource

import pytest
from attacks.world import build


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return build(tmp_path_factory.mktemp("evidence") / "world")


@pytest.fixture
def evidence(depot, world, tmp_path):
    path = tmp_path / "thing.evidence"
    told = depot.ask(
        "--ledger", world.folder, "evidence", "make", "-o", path, "1ABC2/M777/SN-1", "--unwitnessed"
    )
    assert told.code == 0, told
    return path


def test_it_is_checked_as_evidence(depot, world, evidence):
    """The honest twin: both verbs say the same."""
    trust = world.chains["hq"].hex()
    asked = depot.ask("verify", evidence, "--trust", trust, "--json")
    assert asked.out == depot.ask("evidence", "check", evidence, "--trust", trust, "--json").out
    assert (asked.code, json.loads(asked.out)["claim"]) == (0, "shown")
    assert depot.ask("verify", evidence, "--trust", trust).out.startswith("holds")


def test_without_a_trusted_id_nobody_can_tell(depot, evidence):
    told = depot.ask("verify", evidence)
    assert told.code == 4
    assert "this is a file of evidence" in told.out
    assert "evidence check FILE --trust ID" in told.out


def test_of_evidence_that_was_altered_it_is_said(depot, world, evidence):
    trust = world.chains["hq"].hex()
    data = bytearray(evidence.read_bytes())
    at = data.index(b"SN-1")
    data[at : at + 4] = b"SN-2"
    evidence.write_bytes(data)
    assert depot.ask("verify", evidence, "--trust", trust).code == 3


def test_what_goes_with_chains_alone(depot, world, evidence):
    trust = world.chains["hq"].hex()
    assert depot.ask("verify", evidence, "--trust", trust, "--witnessed").code == 2


@pytest.mark.parametrize(
    ("begins", "what"),
    [(b"\xff\xd8\xff\xe0", "a JPEG picture"), (b"\x89PNG\r\n\x1a\n", "a PNG picture")],
)
@pytest.mark.parametrize("size", [100, 2**21])
def test_a_photo_for_evidence(depot, world, tmp_path, begins, what, size):
    photo = tmp_path / "photo"
    photo.write_bytes(begins + bytes(size))
    told = depot.ask("evidence", "check", photo, "--trust", world.chains["hq"].hex())
    assert told.code == 4
    assert what in told.err


def test_what_has_no_end_for_evidence(depot, world, evidence):
    """It is not read to learn that: a device, a hole, and evidence that goes on as one."""
    trust = world.chains["hq"].hex()
    hole = evidence.with_name("hole")
    hole.touch()
    for path in (hole, evidence):
        os.truncate(path, 2**40)
    for path in ("/dev/zero", hole, evidence):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        told = depot.ask("evidence", "check", path, "--trust", trust)
        assert told.code == 4, told
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 2**10


def test_a_segment_for_evidence(depot, world):
    (segment,) = depot.folder.rglob("*.seg")
    told = depot.ask("evidence", "check", segment, "--trust", world.chains["hq"].hex())
    assert told.code == 4
    assert "'chainlog verify FILE' checks it" in told.err
