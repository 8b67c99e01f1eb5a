"""The docs: every verb, exit code and code of a fault is told, every link leads somewhere."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import click
import pytest
from support import docs_verbs

from chainlog.cli import exit_codes
from chainlog.cli.main import cli

TOP = Path(__file__).resolve().parents[1]
PAGES = [
    *sorted((TOP / "docs").glob("*.md")),
    TOP / "README.md",
    TOP / "SECURITY.md",
    TOP / "CHANGELOG.md",
    TOP / "seeds/README.md",
    TOP / "chainlog/format/FORMAT.md",
]
# Modules whose literals are codes of faults, or become such.
JUDGES = ["verifier/*.py", "events/roster.py", "format/evidence.py", "ledger/at_path.py"]


def text_of(name):
    return (TOP / name).read_text(encoding="utf-8")


def verbs(command=cli, above=()):
    """Every verb and subverb, as it is typed."""
    with click.Context(command) as ctx:
        for name in command.list_commands(ctx):
            one = command.get_command(ctx, name)
            if isinstance(one, click.Group):
                yield from verbs(one, (*above, name))
            else:
                yield " ".join((*above, name))


def test_every_verb_is_told():
    page = text_of("docs/verbs.md")
    assert [verb for verb in verbs() if f"`{verb}`" not in page] == []
    assert docs_verbs.drawn(page) == page, "run 'make docs'"


def test_every_exit_code_is_told_in_the_command_and_in_the_readme():
    numbers = {value for value in vars(exit_codes).values() if isinstance(value, int)}
    numbers |= {*exit_codes.EXIT_OF_CODE.values(), *exit_codes.EXIT_OF_VERDICT.values()}
    told = {
        int(one) for one in re.findall(r"^\| (\d+) \|", text_of("docs/command.md"), re.MULTILINE)
    }
    assert told == numbers | {0}
    line = re.search(r"Exit codes:(.*?)\n\n", text_of("README.md"), re.DOTALL)[1]
    assert {int(one) for one in re.findall(r"\b\d+\b", line)} == told


def codes_of_faults():
    """The codes of faults in the source, and the codes of errors that become faults."""
    for pattern in JUDGES:
        for path in sorted((TOP / "chainlog").glob(pattern)):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                    continue
                if re.fullmatch(r"[a-z]+(-[a-z]+)+", node.value):
                    yield node.value
    for text in (text_of("chainlog/errors.py"),):
        yield from (
            one
            for one in ("entry", "version", "body", "key-form", "proof", "evidence")
            if f'code = "{one}"' in text
        )


def test_every_code_of_a_fault_is_told():
    page = text_of("docs/verify.md")
    told = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", page))
    assert set(codes_of_faults()) - told == set()


def anchors(page):
    for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TOP)))
def test_every_link_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), target
        if anchor:
            assert anchor in set(anchors(there.read_text(encoding="utf-8"))), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TOP)))
def test_prose_stays_within_100_columns(path):
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fenced ^= line.startswith("```")
        if not fenced and not line.startswith(("|", "    ")):
            assert len(line) <= 100, (path.name, number, line)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TOP)))
def test_files_that_are_named_are_there(path):
    """A name such as `store/durable.py` in a page is that of a file of the package or the tests."""
    there = {str(one.relative_to(TOP)) for one in TOP.rglob("*.py") if ".venv" not in one.parts}
    for name in re.findall(r"`([a-z_/]+\.py)`", path.read_text(encoding="utf-8")):
        assert any(one == name or one.endswith(f"/{name}") for one in there), name


def shown(page):
    """The command lines that a page shows, without `chainlog`: in its blocks and in its lines."""
    text = re.sub(r" \\\n\s+", " ", page.read_text(encoding="utf-8"))
    if page.name == "verbs.md":
        yield from re.findall(r"\| `(?:chainlog )?([^`]+)`[^|]*\|$", text, re.MULTILINE)
    yield from re.findall(r"`chainlog ((?:[a-z]|--)[^`<]*)`", text.replace("\n", " "))
    blocks = re.findall(r"^```\w*\n.*?^```|(?:^    .*\n)+", text, re.MULTILINE | re.DOTALL)
    for line in re.findall(r"^(?:    |\$ |)chainlog ([^<\n]*)$", "".join(blocks), re.MULTILINE):
        # What a command does stands behind it, after a gap; `·` stands between two of one line.
        yield from re.split(r"\s{3,}", line)[0].split(" · ")


def options_of(command=cli):
    """Every option of the command and its verbs."""
    known = {name for one in command.params for name in one.opts} | {"--help", "-h"}
    with click.Context(command) as ctx:
        names = command.list_commands(ctx) if isinstance(command, click.Group) else ()
        return known.union(*(options_of(command.get_command(ctx, name)) for name in names))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TOP)))
def test_options_that_are_named_are_there(path):
    named = re.findall(r"`(--[a-z-]+)", path.read_text(encoding="utf-8"))
    assert set(named) <= options_of()


@pytest.mark.parametrize(
    "path",
    [page for page in PAGES if page.name != "adding.md"],  # whose recipes make a verb of their own
    ids=lambda path: str(path.relative_to(TOP)),
)
def test_commands_that_are_shown_have_their_verb_and_options(path):
    for line in shown(path):
        command, known, words = cli, {"--help", "chainlog"}, shlex.split(line.replace("…", ""))
        options = {word for word in words if re.match(r"--?[a-z]", word)}
        for word in (*words, None):
            known |= {name for one in command.params for name in one.opts}
            if isinstance(command, click.Group):
                with click.Context(command) as ctx:
                    command = command.get_command(ctx, word or "") or command
        assert options <= known, line
        alone = {"chainlog", "--help", "--version"}
        assert line in alone or not isinstance(command, click.Group), line


def test_what_the_threats_run_into_is_shown_by_attacks_that_are_there():
    page = text_of("docs/threats.md")
    there = {path.stem for path in (TOP / "tests/attacks").rglob("*.py")}
    families = {name.partition("_")[0] for name in there} - {"test"}
    named = set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", page))
    assert len(named) > 30
    assert {name for name in named if name.partition("_")[0] in families | {"test"}} == named
    assert named - there == set()
    codes = set(re.findall(r"`([A-Z]+-[A-Z]+)`", page))
    assert codes
    assert [code for code in codes if f"| {code} |" not in text_of("docs/audit.md")] == []
