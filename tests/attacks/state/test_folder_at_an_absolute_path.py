"""A stick names a key at an absolute path, so that whoever looks at it makes folders there."""

from __future__ import annotations


def test_nothing_is_made_where_the_ledger_says(scene):
    elsewhere = scene.base / "elsewhere"
    elsewhere.mkdir()
    scene.name_key(f"{elsewhere}/deep/key.pem")
    for words in (("verify",), ("holdings",), ("audit",), ("status",), ("log",)):
        assert scene.run(*words, folder=scene.stick).code == 0, words
    assert list(elsewhere.iterdir()) == []


def test_what_is_made_lies_in_the_auditors_home(scene):
    """The honest twin: the same is remembered, in the place that the auditor chose."""
    before = scene.files()
    for words in (("verify",), ("holdings",)):
        assert scene.run(*words, folder=scene.stick).code == 0, words
    assert scene.files() == before
    assert {path.name for path in scene.home.iterdir()} >= {"checkpoints", "items"}
