"""The audit's settings, as a TOML text."""

from __future__ import annotations

import pytest

from chainlog.audit.settings import Settings, parse_settings
from chainlog.errors import SettingsError


def test_what_is_left_out_has_its_default():
    assert parse_settings("") == Settings()
    told = parse_settings('init_days = 0\nmonitored_types = ["M777"]\nin_country = ["Порт"]')
    assert (told.init_days, told.annual_days, told.monitored_types, told.in_country) == (
        0,
        365,
        ("M777",),
        ("Порт",),
    )
    assert (
        parse_settings("idle_days = 36500\nclock_minutes = 1000000").plain()["idle_days"] == 36_500
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("init_days", "the settings: "),
        ("initdays = 1", "unknown field"),
        ("init_days = -1", ">= 0"),
        ("init_days = 36501", "<= 36500"),
        ("init_days = '90'", "expected `int`"),
        ("init_days = true", "expected `int`"),
        ("init_days = 1.5", "expected `int`"),
        ("clock_minutes = 1000001", "<= 1000000"),
        ("monitored_types = 'M777'", "expected `array`"),
        ("monitored_types = [1]", "expected `str`"),
        ("init_days = " + "9" * 5000, "limit"),
        ("a = " + "[" * 5000, "the settings: "),
        ("init_days = 1\ninit_days = 2", "overwrite"),
        ("a = 2023-02-30", "date"),
        ("init_days = 0x" + "f" * 5000, "init_days"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(text, says):
    with pytest.raises(SettingsError) as caught:
        parse_settings(text)
    assert says in caught.value.message
    assert len(caught.value.message) < 300


def test_the_name_of_the_file_is_said():
    with pytest.raises(SettingsError, match=r"^audit\.toml: object contains unknown field"):
        parse_settings("x = 1", "audit.toml")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("in_contry = []", "did you mean in_country?"),
        ("zzzz = 1", "docs/audit.md lists the settings"),
        ("init_days = -1", "docs/audit.md lists the settings"),
    ],
)
def test_a_setting_that_is_misspelt_is_offered(text, hint):
    with pytest.raises(SettingsError) as caught:
        parse_settings(text)
    assert caught.value.hint == hint
