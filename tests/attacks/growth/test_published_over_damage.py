"""A checkpoint was signed over a flipped bit, by a chainlog that did not look: it is not shown to
the world, where nobody takes it back.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import SIZE, Yard
from support.chains import STRANGER

from chainlog.errors import ReadOnlyError
from chainlog.export.tiles import publish_chain


def published(yard, folder):
    with yard.open() as ledger:
        return publish_chain(ledger, yard.chain, yard.signed(), folder)


def test_it_is_not_published(tmp_path):
    yard = Yard(tmp_path / "site")
    yard.flip_signature(8)
    with pytest.raises(ReadOnlyError, match="entry 8 does not hold: "):
        published(yard, tmp_path / "www")
    assert [one.name for one in (tmp_path / "www").iterdir() if one.name != ".lock"] == []


def test_what_was_published_before_stays_as_it_is(tmp_path):
    yard = Yard(tmp_path / "site")
    published(yard, tmp_path / "www")
    before = {one: one.read_bytes() for one in (tmp_path / "www").rglob("*") if one.is_file()}
    yard.write(3, 80)
    yard.flip_signature(SIZE + 1)
    with pytest.raises(ReadOnlyError, match=f"entry {SIZE + 1}"):
        published(yard, tmp_path / "www")
    assert {one: one.read_bytes() for one in (tmp_path / "www").rglob("*") if one.is_file()} == (
        before
    )


def test_a_checkpoint_of_nobody_in_the_folder_vouches_for_nothing(tmp_path):
    """Whoever has the web server lays it there, over the damaged entries."""
    yard = Yard(tmp_path / "site")
    yard.flip_signature(8)
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "checkpoint").write_bytes(yard.signed(10, STRANGER))
    with pytest.raises(ReadOnlyError, match="entry 8 does not hold: "):
        published(yard, tmp_path / "www")


def test_a_whole_chain_is(tmp_path):
    yard = Yard(tmp_path / "site")
    assert published(yard, tmp_path / "www").checkpoint == yard.told()
