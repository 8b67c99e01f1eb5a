"""JSON from outside: what is doubtful is refused, what is not comes as it was meant."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chainlog.errors import EventError
from chainlog.events.strict_json import parse_json


def test_what_is_not_doubtful():
    assert parse_json("[1, 2e3]") == [1, Decimal(2000)]
    assert parse_json(r'{"a": [1, 1.50, true, null], "b": "\u00e9\ud83d\ude00"}') == {
        "a": [1, Decimal("1.50"), True, None],
        "b": "\u00e9\U0001f600",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "stands twice"),
        ("NaN", "NaN is no number"),
        ("[1", "not JSON: expecting"),
        ("[" * 100_000, "too many arrays"),
        ("9" * 5000, "too many digits"),
        ("1e99999999999999999999", "too many digits"),
        (r'"\ud800"', "surrogate"),
    ],
)
def test_doubtful_json_is_refused(text, words):
    with pytest.raises(EventError, match=words):
        parse_json(text)
