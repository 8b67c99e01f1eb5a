"""Yes and no in both languages."""

from __future__ import annotations

import pytest

from chainlog.events.door.agreement import NO, YES, read_agreement


@pytest.mark.parametrize("word", YES)
def test_yes(word):
    assert read_agreement(word) is True
    assert read_agreement(f"\u00a0{word.upper()}.\r") is True


@pytest.mark.parametrize("word", NO)
def test_no(word):
    assert read_agreement(word) is False
    assert read_agreement(f" {word.capitalize()}! ") is False


@pytest.mark.parametrize("word", ["", "maybe", "yn", "1", "тн"])
def test_neither(word):
    assert read_agreement(word) is None
