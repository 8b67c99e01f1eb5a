"""The form of evidence files: what is written reads back, and nothing else is read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.chains import Draft, opening
from support.evidence import DEPOT, Case, note_of

from chainlog.errors import EvidenceError, UncertainError
from chainlog.format import canonical, evidence
from chainlog.format.body import PARTIAL_LIMIT
from chainlog.format.evidence import Evidence, Part, Proven, format_evidence, parse_evidence
from chainlog.format.merkle import inclusion_nodes
from chainlog.format.note import Note

QUICK = settings(max_examples=50, deadline=None)
TOLD = Case()


@QUICK
@given(st.data())
def test_what_is_written_reads_back(data):
    entries = st.builds(
        Proven,
        st.binary(min_size=65, max_size=300),
        st.binary(max_size=90),
        st.lists(st.binary(min_size=32, max_size=32), max_size=5).map(tuple),
    )
    parts = [
        Part(part.note, tuple(data.draw(st.lists(entries, max_size=3))))
        for part in (TOLD.site_part(), TOLD.authority_part())
    ]
    between = data.draw(
        st.none() | st.tuples(st.integers(0, 9), st.integers(9, canonical.INT_LIMIT))
    )
    files = data.draw(st.lists(st.binary(max_size=40), max_size=3, unique=True))
    told = Evidence(tuple(parts[: data.draw(st.integers(0, 2))]), tuple(files), between)
    assert parse_evidence(format_evidence(told)) == told
    assert told.claim == ("shown" if between is None else "range")


def test_the_bytes_are_those_of_the_format():
    value = canonical.decode(TOLD.data())
    assert list(value) == ["attachments", "chains", "claim", "version"]
    assert (value["version"], value["claim"], value["attachments"]) == (1, "shown", [])
    assert [list(one) for one in value["chains"]] == [["checkpoint", "entries"]] * 2
    entry, body, proof = value["chains"][0]["entries"][1]
    assert (entry, body) == (TOLD.site.entries[2].raw, TOLD.site.bodies[2])
    # 32 bytes a level.
    assert [len(one) for one in proof] == [32] * len(inclusion_nodes(2, 5))
    ranged = canonical.decode(format_evidence(TOLD.evidence(between=(2, 4))))
    assert (ranged["claim"], ranged["from"], ranged["to"]) == ("range", 2, 4)


def changed(**fields):
    value = canonical.decode(TOLD.data())
    return {name: one for name, one in {**value, **fields}.items() if one is not None}


CHAIN = canonical.decode(TOLD.data())["chains"][0]
ENTRY = CHAIN["entries"][0]


@pytest.mark.parametrize(
    "value",
    [
        7,
        [],
        {},
        changed(version=None),
        changed(version=True),
        changed(version="1"),
        changed(claim=None),
        changed(claim="all"),
        changed(claim="range"),
        changed(attachments=None),
        changed(more=1),
        changed(**{"from": 1, "to": 2}),
        changed(claim="range", **{"from": 1}),
        changed(claim="range", **{"from": 2, "to": 1}),
        changed(claim="range", **{"from": -1, "to": 1}),
        changed(claim="range", **{"from": True, "to": 1}),
        changed(claim="range", **{"from": 0, "to": "1"}),
        changed(claim="range", chains=[CHAIN, CHAIN], **{"from": 0, "to": 1}),
        changed(chains={}),
        changed(chains=[7]),
        changed(chains=[CHAIN, CHAIN]),
        changed(chains=[{"checkpoint": CHAIN["checkpoint"]}]),
        changed(chains=[{**CHAIN, "more": 1}]),
        changed(chains=[{**CHAIN, "checkpoint": b"x"}]),
        changed(chains=[{**CHAIN, "checkpoint": "no note"}]),
        changed(chains=[{**CHAIN, "entries": 7}]),
        changed(chains=[{**CHAIN, "entries": [7]}]),
        changed(chains=[{**CHAIN, "entries": [ENTRY[:2]]}]),
        changed(chains=[{**CHAIN, "entries": [[*ENTRY, 1]]}]),
        changed(chains=[{**CHAIN, "entries": [["x" * 99, b"", []]]}]),
        changed(chains=[{**CHAIN, "entries": [[bytes(99), 1, []]]}]),
        changed(chains=[{**CHAIN, "entries": [[bytes(99), b"", ["x"]]]}]),
        changed(chains=[{**CHAIN, "entries": [[bytes(99), b"", [bytes(31)]]]}]),
        changed(chains=[{**CHAIN, "entries": [[bytes(99), b"", [bytes(32)] * 64]]}]),
        changed(chains=[{**CHAIN, "entries": [[bytes(1025), b"", []]]}]),
        changed(chains=[{**CHAIN, "entries": [[bytes(64), b"", []]]}]),
        changed(chains=[CHAIN] * 4097),
        changed(attachments=[b""] * 4097),
        changed(attachments=7),
        changed(attachments=["x"]),
        changed(attachments=[b"x", b"x"]),
    ],
)
def test_what_is_no_evidence(value):
    with pytest.raises(EvidenceError if isinstance(value, dict) else UncertainError):
        parse_evidence(canonical.encode(value))


def test_bytes_that_are_no_value():
    for data in (TOLD.data() + b"\x00", b"\x81\xa7version\x01" * 2):
        with pytest.raises(EvidenceError, match="no evidence"):
            parse_evidence(data)


def test_another_file_and_one_that_was_cut_off_accuse_nobody():
    whole = TOLD.data()
    for data in (
        b"",
        b"\xc0",
        b"\x91" * 9999,
        b"a host's name\n",
        *(whole[:at] for at in range(0, len(whole), 97)),
        whole[:-1],
    ):
        with pytest.raises(UncertainError, match="no evidence file, or not all of it") as error:
            parse_evidence(data)
        assert error.value.fault == "not-evidence"


def test_a_later_version_is_said_to_be_one():
    with pytest.raises(UncertainError) as error:
        parse_evidence(canonical.encode({"version": 2, "what": "ever"}))
    assert error.value.fault == "version"


def test_a_range_is_of_one_chain():
    third = Part(note_of(Draft(opening(site="third")), origin=DEPOT), ())
    with pytest.raises(EvidenceError, match="one chain"):
        Evidence((TOLD.site_part(), TOLD.authority_part(), third), between=(0, 1))


def test_a_checkpoint_of_no_chain_or_no_entries():
    note = TOLD.site_part().note
    _, rest = note.text.split("\n", 1)
    with pytest.raises(EvidenceError, match="origin line of a chain"):
        Part(Note(f"example.org/log\n{rest}", note.signatures), ())
    with pytest.raises(EvidenceError, match="no entries"):
        Part(note_of(TOLD.site, 0, origin=DEPOT), ())


@pytest.mark.parametrize(
    ("entry", "body", "proof"),
    [
        (64, 0, ()),
        (1025, 0, ()),
        (99, PARTIAL_LIMIT + 1, ()),
        (99, 0, (b"x",)),
        (99, 0, (bytes(32),) * 64),
    ],
)
def test_what_is_no_entry_with_its_proof(entry, body, proof):
    with pytest.raises(EvidenceError):
        Proven(bytes(entry), bytes(body), proof)


def test_no_more_chains_or_attachments_than_a_reader_takes():
    with pytest.raises(EvidenceError, match="4096"):
        format_evidence(Evidence((), tuple(n.to_bytes(2) for n in range(4097))))


def test_sizes_are_bounded_first(monkeypatch):
    data = TOLD.data(attachments=(b"x" * 500,))
    monkeypatch.setattr(evidence, "FILE_LIMIT", len(data) - 1)
    with pytest.raises(EvidenceError, match="limit"):
        parse_evidence(data)
    monkeypatch.setattr(evidence, "FILE_LIMIT", len(data))
    for name, limit in (("EVIDENCE_LIMIT", len(data) - 501), ("ATTACHMENTS_LIMIT", 499)):
        with monkeypatch.context() as patch:
            patch.setattr(evidence, name, limit)
            with pytest.raises(EvidenceError, match="limits"):
                parse_evidence(data)
            with pytest.raises(EvidenceError, match="limits"):
                TOLD.data(attachments=(b"x" * 500,))
    assert parse_evidence(data).attachments == (b"x" * 500,)
