"""Whoever hands over a copy withholds a party with a no-break space in its name, an item with a
letter for a digit, and a kind that there is not: all of it is shown, and the copy verifies. It is
said what was met with nowhere, with what looks like it, to people and to programs.
"""

from __future__ import annotations

import json

RULES = """
[[rules]]
fields = ["document"]
[[rules]]
parties = ["Склад\u00a07"]
[[rules]]
items = ["1ABC2/M777/HW-O"]
"""


def test_what_was_met_with_nowhere_is_said(depot, tmp_path):
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    for more in ((), ("--json",)):
        copy = tmp_path / f"copy{len(more)}"
        told = depot.ask("withhold", copy, "--rule", tmp_path / "rules.toml", *more)
        assert told.code == 0
        assert "'Склад 7' looks like it: sign 6 is U+0020 SPACE there" in told.err
        assert "'1ABC2/M777/HW-0' looks like it" in told.err
    assert json.loads(told.out)["unmet"] == ["Склад\u00a07", "1ABC2/M777/HW-O"]


def test_a_kind_that_there_is_not(depot, tmp_path):
    (tmp_path / "rules.toml").write_text(
        '[[rules]]\nkinds = ["recieve"]\nfields = ["place"]\n', encoding="utf-8"
    )
    told = depot.ask("withhold", tmp_path / "copy", "--rule", tmp_path / "rules.toml")
    assert told.code == 1
    assert "did you mean receive?" in told.err
    assert not (tmp_path / "copy").exists()


def test_what_there_is_is_withheld(depot, tmp_path):
    """The honest twin."""
    rules = RULES.replace("\u00a0", " ").replace("HW-O", "HW-0")
    (tmp_path / "rules.toml").write_text(rules, encoding="utf-8")
    told = depot.ask("withhold", tmp_path / "copy", "--rule", tmp_path / "rules.toml")
    assert told.code == 0
    assert "was met with nowhere" not in told.err
