"""The house itself: public names, layers, codes, docs that say what is there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import click
from support import docs_graph, docs_tables

import chainlog
from chainlog import errors
from chainlog.audit.rulebook import CODES, FAMILIES
from chainlog.audit.settings import Settings
from chainlog.cli.exit_codes import EXIT_OF_CODE
from chainlog.cli.main import cli
from chainlog.cli.recognise import OtherFileError
from chainlog.cli.verbs import groups
from chainlog.events.kinds import KINDS

TOP = Path(__file__).resolve().parent.parent


def all_errors(root=errors.ChainlogError):
    yield root
    for child in root.__subclasses__():
        yield from all_errors(child)


def test_every_error_has_a_code_of_its_own_and_stands_in_the_tree():
    for module in walk_packages(chainlog.__path__, "chainlog."):
        import_module(module.name)  # some are imported late
    found = list(all_errors())
    assert OtherFileError in found  # one that does not stand beside the others
    codes = [error.code for error in found]
    assert len(set(codes)) == len(codes)
    for error in found:
        assert re.search(rf"\b{error.__name__}\s+{error.code}\b", errors.__doc__), error
    assert set(EXIT_OF_CODE) <= set(codes)


def test_every_verb_is_summed_up_and_every_kind_of_custody_has_one():
    verbs = [verb for group in groups().values() for verb in group]
    assert len(verbs) == len(set(verbs))
    assert all(text and text[-1] != "." for told in groups().values() for text in told.values())
    assert {kind for kind in KINDS if "." not in kind} <= set(verbs)


def test_every_verb_loads_and_helps():
    with click.Context(cli) as ctx:
        for verb in cli.list_commands(ctx):
            command = cli.get_command(ctx, verb)
            assert command is not None
            assert command.get_help(click.Context(command, info_name=verb, parent=ctx))


def test_the_layers_hold():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_arrow_between_packages_runs_back_and_the_page_shows_them_as_they_are():
    order = docs_graph.ORDER
    folders = sorted(path.parent.name for path in (TOP / "chainlog").glob("*/__init__.py"))
    assert sorted(order) == folders
    assert [
        pair for pair in docs_graph.arrows() if order.index(pair[0]) < order.index(pair[1])
    ] == []
    page = (TOP / "docs/design.md").read_text(encoding="utf-8")
    assert docs_graph.drawn(page) == page, "run 'make docs'"


def test_what_lies_in_the_house():
    kept = {path.name for path in (TOP / "chainlog").iterdir()} - {"__pycache__"}
    assert kept == {*docs_graph.ORDER, "__init__.py", "errors.py", "overrides.py", "py.typed"}


def test_importing_keys_loads_no_library():
    code = (
        "import sys, chainlog.format.keys; print(sorted({'cryptography', 'nacl'} & "
        "set(sys.modules)))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "[]\n"
    )


def test_the_readmes_python_runs_as_it_stands(tmp_path):
    code = re.search(
        r"```python\n(.*?)```", (TOP / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[1] == "holds"


def test_the_readmes_commands_run_as_they_stand(tmp_path):
    text = (TOP / "README.md").read_text(encoding="utf-8")
    lines = re.search(r"```console\n(.*?)```", text, re.DOTALL)[1].splitlines()
    commands = [
        line.removeprefix("$ ") for line in lines if line.startswith(("$ chainlog", "$ cd"))
    ]
    assert len(commands) > 8
    script = "set -e\n" + "\n".join(commands)
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env={"PATH": path, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_every_finding_is_documented_with_its_severity():
    text = (TOP / "docs/audit.md").read_text(encoding="utf-8")
    told = re.findall(
        r"^\| ([A-Z]+(?:-[A-Z]+)?) \| (critical|high|medium|low) \|", text, re.MULTILINE
    )
    assert told == list(CODES.items())
    assert len(CODES) >= 44
    assert docs_tables.drawn("docs/audit.md", text) == text, "run 'make docs'"
    field = (TOP / "docs/field.md").read_text(encoding="utf-8")
    named = set(
        re.findall(
            r"\b(?:[A-Z]+-[A-Z]+|RESURRECT)\b", field.split("## Findings")[1].split("## The ten")[0]
        )
    )
    assert len(named) == 45
    assert named <= set(CODES)


def test_every_code_is_made_by_one_family():
    made = [code for family in FAMILIES for code in family.codes]
    assert sorted(made) == sorted(CODES)


def test_every_setting_is_documented_with_its_default():
    text = (TOP / "docs/audit.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z_]+)` \| ([a-z0-9]+) \|", text, re.MULTILINE))
    assert told == {
        name: str(value) if isinstance(value, int) else "none"
        for name, value in Settings().plain().items()
    }


def test_nothing_names_a_machine_or_a_registry():
    hosts = re.compile(
        "|".join(["pypi" + r"\.org", "files\\.python" + "hosted", "/work" + "/", "/roo" + "t/"])
    )
    for folder in ("chainlog", "tests", "docs", "seeds", ".ci"):
        for path in (TOP / folder).rglob("*"):
            if (
                path.is_file()
                and path.suffix in {"", ".py", ".md", ".toml", ".csv"}
                and "__pycache__" not in path.parts
            ):
                assert hosts.search(path.read_text(encoding="utf-8")) is None, path


def test_modules_and_functions_stay_small_enough_to_read():
    for path in (TOP / "chainlog").rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 350, path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno - node.lineno < 60, (path, node.name)


def test_a_class_name_has_one_meaning():
    where = defaultdict(list)
    for path in (TOP / "chainlog").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                where[node.name].append(path.name)
    assert {name: files for name, files in where.items() if len(files) > 1} == {}


def test_locks_are_taken_in_one_place():
    with_locks = [
        path.relative_to(TOP).as_posix()
        for path in (TOP / "chainlog").rglob("*.py")
        if re.search(r"^ *(import|from) filelock\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert with_locks == ["chainlog/store/lock.py"]


def test_modules_are_nouns():
    nouns = {"finding", "governing", "holding", "wording"}
    stems = {path.stem for path in (TOP / "chainlog").rglob("*.py")}
    assert {stem for stem in stems if stem.endswith("ing")} == nouns
