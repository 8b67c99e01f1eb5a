"""Which files an event names, wherever it names them."""

from __future__ import annotations

from support.chains import Draft, transfer

from chainlog.events.mentions import files_named, files_of
from chainlog.format.record import Record

ONE, TWO, THREE = (bytes([n]) * 32 for n in range(3))


def test_files_are_named_in_order_at_any_depth_with_the_size_that_is_said_first():
    told = {
        "attachments": [{"sha256": ONE, "size": 1}, {"sha256": TWO, "size": True}],
        "replacement": {
            "kind": "correct",
            "replacement": {"attachments": [{"sha256": THREE}, {"sha256": ONE, "size": 9}]},
        },
        "x_own": {"sha256": "text"},
    }
    assert list(files_named(told).items()) == [(ONE, 1), (TWO, None), (THREE, None)]
    assert files_named(None) == {}


def test_a_record_names_the_files_of_the_body_that_it_was_signed_with():
    draft = Draft()
    draft.add("transfer", transfer(1, attachments=[{"sha256": ONE, "size": 1, "type": "a/b"}]))
    entry, body = draft.entries[1].raw, draft.bodies[1]
    assert files_of(Record(entry, body)) == {ONE: 1}
    assert files_of(Record(entry, b"")) == {}
    assert files_of(Record(entry, body.replace(ONE, TWO))) == {}
