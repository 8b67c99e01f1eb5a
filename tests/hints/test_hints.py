"""Each hint that advises a command has a test that takes it from where it is shown."""

from __future__ import annotations

import ast

from hints.texts import TOP, texts

# These are not shown to anybody who could take them: names of what is hashed, the demo's own list
# of what to try, which test_docs runs, a part of another text, and what a key of ssh-add's is like.
NO_ADVICE = {
    "mv {shlex.quote(str(path))} {shlex.quote(str(saved))} && ",
    (
        "is the key still in it, the agent unlocked, the request confirmed? a key that ssh-add -h "
        "binds to hosts signs nothing else"
    ),
    "chainlog demo salt\n{site}\n{count}",
    "chainlog verify {authority} --trust {trusted}",
    "chainlog evidence check howitzer.evidence --trust {trusted}",
}


# Those that no test can take, each with the reason.
UNTAKEN = {
    "'chainlog sync PATH' from whoever holds more of it": (
        "of the engine in memory, which no command opens: tests/store takes its way"
    ),
    "pip install --upgrade cryptography": "it asks a package registry, and changes what runs here",
}


def marked():
    """The texts that tests say they take the way out of."""
    for path in sorted((TOP / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {
            one.targets[0].id: one.value
            for one in tree.body
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.unparse(node.func).endswith("mark.hint")
            ):
                for one in node.args:
                    yield ast.literal_eval(named[one.id] if isinstance(one, ast.Name) else one)


def test_a_hint_is_found_wherever_it_is_held():
    found = texts()
    assert "run 'chainlog verify'" in found  # in a variable
    assert "'chainlog init' makes one; --ledger or $CHAINLOG_LEDGER names one" in found
    assert found.keys() >= NO_ADVICE


def test_each_hint_is_taken_by_a_test():
    found, taken = set(texts()) - NO_ADVICE, set(marked())
    assert taken - found == set(), "no such hint"
    assert found - taken == UNTAKEN.keys()
