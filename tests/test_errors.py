"""Errors: a sentence of a template, and what the operating system says as one of ours."""

from __future__ import annotations

import errno

import pytest

from chainlog.errors import ChainlogError, Sentence, StoreError


def test_message_and_hint_are_filled_by_the_same_parameters():
    error = ChainlogError("{path} is not held", hint="look for {path}", path="a")
    assert (str(error), error.message, error.hint) == ("a is not held",) * 2 + ("look for a",)
    assert error.message.template == "{path} is not held"
    told = Sentence("{n} entries", n=2)
    assert ChainlogError(told).message is told
    assert ChainlogError("so it is").hint is None


def test_what_the_system_refuses_is_told_as_an_error_of_ours():
    with (
        pytest.raises(StoreError) as caught,
        StoreError.from_os("{path} cannot be read: {why}", path="a", hint="look at {path}"),
    ):
        raise OSError(errno.EIO, "I/O error")
    assert caught.value.message == "a cannot be read: I/O error"
    assert caught.value.hint == "look at a"
    assert caught.value.__suppress_context__


def test_other_errors_and_none_go_through_such_a_block():
    with StoreError.from_os("{why}"):
        pass
    with pytest.raises(KeyError), StoreError.from_os("{why}"):
        raise KeyError
