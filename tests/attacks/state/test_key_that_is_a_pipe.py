"""A stick names a pipe as the key, which nobody ever writes to: whoever looks at the ledger waits
for ever. A key is read from a regular file, and none that only a stick names is opened.
"""

from __future__ import annotations

import os

import pytest


@pytest.mark.parametrize(
    "words", [("status",), ("log",), ("verify",), ("key", "show"), ("audit",), ("holdings",)]
)
def test_nobody_waits_for_it(scene, words):
    os.mkfifo(scene.stick / "pipe")
    scene.name_key("pipe")
    with scene.within(20):
        assert scene.run(*words, folder=scene.stick).code == 0


@pytest.mark.parametrize(
    "words", [("key", "show"), ("checkpoint",), ("witness", "cosign"), ("prove", "{id}")]
)
def test_one_that_is_named_by_its_user_is_refused(scene, words):
    os.mkfifo(scene.base / "pipe")
    words = [word.format(id=scene.chain.hex()[:12]) for word in words]
    for folder in (scene.stick / "chains").glob("*/checkpoints"):
        for path in folder.iterdir():
            path.unlink()
    with scene.within(20):
        told = scene.run("--key", scene.base / "pipe", *words, folder=scene.stick)
    assert (told.code, "is no file" in told.err) == (1, True)


def test_a_file_is_read(scene):
    """The honest twin: a key in a file, which a ledger of the auditor's own names."""
    own = scene.own()
    assert "Ревізор" in scene.run("status", folder=own).out
    assert scene.run("key", "show", folder=own).code == 0
