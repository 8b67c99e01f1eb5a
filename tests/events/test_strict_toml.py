"""TOML from outside: what a reader would take hours for is refused, what is not comes as meant."""

from __future__ import annotations

import pytest

from chainlog.events.strict_toml import parse_toml

DEEP = "a." * 63 + "a"


def test_what_is_not_doubtful():
    assert parse_toml('[rules.own]\nfields = ["a.b", "c"]\n') == {
        "rules": {"own": {"fields": ["a.b", "c"]}}
    }
    assert parse_toml(f"[{DEEP}]\n") != {}
    assert parse_toml(f'x = "{"." * 1000}"\n') == {"x": "." * 1000}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"x = 1\n[a.{DEEP}]\n", "line 2"),
        (f"a.{DEEP} = 1\n", "too many parts"),
        ("a . " * 64 + "a = 1\n", "too many parts"),
        ("x = " + "[" * 100_000, "too many arrays"),
        ("x = " + "9" * 5000, "digits"),
        ("x", "after a key"),
    ],
)
def test_what_is_refused(text, words):
    with pytest.raises(ValueError, match=r"(?i).*" + words):
        parse_toml(text)
