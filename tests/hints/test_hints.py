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


# Those that no test takes yet: to be made fewer, never more.
NOT_YET = {
    "does it wait for a touch or a PIN? otherwise start another: eval $(ssh-agent)",
    "if this ledger is the newest copy, remove the mark: rm -r {quoted}",
    "is another program listening at $SSH_AUTH_SOCK? start an agent anew: eval $(ssh-agent)",
    "it is of no use: rm -r {quoted}",
    "it may show what was erased: remove it once that can be done: rm -r {place}",
    (
        "make room; or, where they were left by sudo, make them yours: sudo chown -R $(id -u) "
        "{folders}"
    ),
    "name a new folder, or remove it: rm -r {quoted}",
    "pip install --upgrade cryptography",
    "put it back, and keep other programs out of the ledger's folder: mv {here} {place}",
    "say of it what was said then; or let go of it: rm -r {left}",
    (
        "what lies beside the key, in {place}, is not taken for your state: it was handed over "
        "with a ledger, or lies on another disk, or is somebody else's; if it is yours: mkdir -p "
        "{home} && cp -rn {folders} {home}"
    ),
    "'chainlog sync PATH' from whoever holds more of it",
    ("get what is missing, such as with 'chainlog sync PATH'; --unwitnessed makes it all the same"),
    "take it from a ledger that holds it: chainlog sync PATH",
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
    assert found - taken == NOT_YET
