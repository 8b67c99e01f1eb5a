"""A bit flips in an auditor's copy, which came without an index, and then the site's checkpoint of
the entries as far as that one is brought to it.

'The chain was forked' would accuse the site of what a disk did: the copy does not hold, and that
is said, with the entry.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import Yard
from support.command import run

from chainlog.errors import ReadOnlyError


def damage(yard, what="flip_signature"):
    getattr(yard, what)(8)
    for name in ("index", "tree"):
        (yard.chain_folder / name).unlink(missing_ok=True)


@pytest.mark.parametrize("what", ["flip_signature", "flip_time"])
def test_nobody_is_accused(tmp_path, monkeypatch, what):
    yard = Yard(tmp_path)
    told = yard.signed(9)
    damage(yard, what)
    with pytest.raises(ReadOnlyError, match="entry 8 "):
        yard.take(told)
    monkeypatch.setenv("CHAINLOG_HOME", str(yard.home))
    (tmp_path / "given").write_bytes(told)
    said = run("checkpoint", "--take", tmp_path / "given", folder=yard.folder)
    assert (said.code, "forked" in said.out + said.err) == (1, False)
    assert "entry 8 does not hold" in said.err


def test_who_signed_two_histories_is(tmp_path):
    yard = Yard(tmp_path)
    assert yard.take(yard.signed(root=b"r" * 32)).state == "forked"


def test_who_signed_two_histories_below_the_damage_is(tmp_path):
    yard = Yard(tmp_path)
    damage(yard)
    assert yard.take(yard.signed(4, root=b"r" * 32)).state == "forked"
