"""Requests to a witness: the example of the specification, there and back, and what is none."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chains import OWNER
from support.requests import EXAMPLE, SPOILT

from chainlog.errors import NoteError
from chainlog.format.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from chainlog.format.witness_request import (
    PROOF_LIMIT,
    REQUEST_LIMIT,
    AddCheckpoint,
    format_request,
    parse_request,
)


def test_the_request_of_the_specification_parses():
    request = parse_request(EXAMPLE)
    assert (request.old, len(request.proof), len(request.note.signatures)) == (20852014, 4, 2)
    assert parse_checkpoint(request.note.text) == Checkpoint(
        "example.com/behind-the-sofa",
        20852163,
        base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="),
    )
    assert format_request(request) == EXAMPLE


@given(
    st.integers(0, 2**53 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=PROOF_LIMIT)
)
def test_requests_come_back_from_their_bytes(old, proof):
    note = sign_checkpoint(Checkpoint("example.org/a", 7, b"r" * 32), OWNER)
    request = AddCheckpoint(old, tuple(proof), note)
    data = format_request(request)
    assert parse_request(data) == request
    assert len(data) <= REQUEST_LIMIT


@pytest.mark.parametrize("data", SPOILT)
def test_what_is_no_request(data):
    with pytest.raises(NoteError):
        parse_request(data)


def test_requests_that_cannot_be_made():
    note = sign_checkpoint(Checkpoint("example.org/a", 7, b"r" * 32), OWNER)
    for old, proof in ((-1, ()), (2**53, ()), (1, (b"r",)), (1, (b"r" * 32,) * 64)):
        with pytest.raises(NoteError):
            AddCheckpoint(old, proof, note)
