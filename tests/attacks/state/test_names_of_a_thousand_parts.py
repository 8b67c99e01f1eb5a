"""A stick has settings or a `ledger.toml` with a table whose name has thousands of parts, and
thousands of lines in it: a reader goes down the name for each line, for an hour. It is refused.
"""

from __future__ import annotations

import pytest


def deep(size):
    """Half of it is a name, half are lines."""
    return f"[{'a.' * (size // 4)}a]\n" + "".join(f"x{n}=1\n" for n in range(size // 14))


def test_settings(scene):
    (scene.stick / "audit.toml").write_text(deep(2**19), encoding="utf-8")
    with scene.within(20):
        told = scene.run("audit", folder=scene.stick)
    assert (told.code, "too many parts" in told.err) == (1, True)


@pytest.mark.parametrize("words", [("status",), ("verify",), ("log",)])
def test_ledgers_own_file(scene, words):
    path = scene.stick / "ledger.toml"
    path.write_text(path.read_text(encoding="utf-8") + deep(60_000), encoding="utf-8")
    with scene.within(5):
        told = scene.run(*words, folder=scene.stick)
    assert "too many parts" in told.err


def test_settings_as_people_write_them(scene):
    """The twin: all that a programme sets, names with dots among them."""
    (scene.stick / "audit.toml").write_text(
        'silent_days = 9\nin_country = [\n  "U.S. Emb. K.",\n  "Порт",\n]\n', encoding="utf-8"
    )
    assert scene.run("audit", folder=scene.stick).code == 0
