"""Every file beside this one is one attack by what is derived: an index, a tree, an item index.

Each has an honest twin: the same questions, asked of the ledger before anybody laid hands on it,
are answered, and the attack changes no answer. Where an attack leaves nothing to answer, that is
said (`SAYS`), with the exit code of *cannot tell*. So it is where something follows the whole
answer that cannot be read (`ENDS`).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from attacks.derived.hand import Scene
from attacks.world import build

from chainlog.cli.exit_codes import CANNOT_TELL

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*_*.py") if not path.name.startswith("test_"))


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    return build(tmp_path_factory.mktemp("derived") / "world")


def load(path):
    spec = importlib.util.spec_from_file_location(f"attacks.derived.{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_derived_changes_no_answer(path, world, tmp_path, own_home, capsys):
    told = load(path)
    scene = Scene(world.copy(tmp_path / "world"), own_home, capsys)
    if hasattr(told, "prepare"):
        told.prepare(scene)
    asked = told.asks(scene)
    honest = [scene.ask(*args) for args in asked]
    expected = getattr(told, "CODES", [0] * len(asked))
    assert [one.code for one in honest] == expected, honest
    told.attack(scene)
    before = scene.bytes()
    after = [scene.ask(*args) for args in asked]
    if hasattr(told, "SAYS"):
        for one in after:
            assert one.code == CANNOT_TELL, one
            assert told.SAYS in one.err, one
    elif hasattr(told, "ENDS"):
        assert [one.out for one in after] == [one.out for one in honest]
        assert all(one.code == CANNOT_TELL and told.ENDS in one.err for one in after), after
    else:
        assert [(one.code, one.out) for one in after] == [(one.code, one.out) for one in honest]
    assert scene.bytes() == before, "whoever only looks at a ledger writes nothing there"
    if hasattr(told, "check"):
        told.check(scene)


def test_no_attack_is_left_out():
    assert len(FILES) >= 15
