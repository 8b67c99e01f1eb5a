"""Each hint that advises a command has a test that takes it from where it is shown."""

from __future__ import annotations

import ast

from hints.texts import TOP, texts

# These are not shown to anybody who could take them: names of what is hashed, and the demo's own
# list of what to try, which test_docs runs.
NO_ADVICE = {
    "chainlog demo salt\n{site}\n{count}",
    "chainlog verify {authority} --trust {trusted}",
    "chainlog evidence check howitzer.evidence --trust {trusted}",
}


# Those that no test takes yet: to be made fewer, never more.
NOT_YET = {
    "'chainlog erase --carry-out{options}' drops what is left of it here",
    "'chainlog evidence check FILE --trust ID' checks it",
    "'chainlog import' records what is in it; what is verified is the ledger",
    "'chainlog key show --agent' lists what it holds; ssh-add FILE adds a key",
    "'chainlog key show FILE' shows it; a private key is for nobody else",
    "'chainlog show' says what its fields are",
    "'chainlog sync PATH' from whoever holds more of it",
    "'chainlog verify --checkpoint FILE' compares a chain with it",
    "'chainlog verify FILE' checks it",
    "DOES NOT FIT: run 'chainlog verify'",
    (
        "ask the site for it again; where its keys changed since, take the newer entries "
        "first: chainlog sync PATH"
    ),
    "bring back the newest copy, or take what is missing with 'chainlog sync PATH'",
    "entries that govern a chain are never erased; 'chainlog withhold' can leave out names",
    "for another witness make another key: chainlog witness new FILE --name NAME",
    ("get what is missing, such as with 'chainlog sync PATH'; --unwitnessed makes it all the same"),
    (
        "have it cosigned first; where the authority's chain is not here, which says who "
        "counts, take it: chainlog sync PATH"
    ),
    "have one cosigned, or take it from the hub: chainlog sync PATH",
    "hint: where a disk did this, a copy that is whole heals it: chainlog {which}sync WHO",
    "it is checked with the entry that 'chainlog show ID --entry FILE' writes",
    (
        "its log signed {size} entries, and {held} are held here: take the others first, with"
        " 'chainlog sync PATH'"
    ),
    (
        "keep other programs out of the ledger's folder, then run 'chainlog status': it reads"
        " back what is there"
    ),
    (
        "keep other programs out of the ledger's folder, then take it back: {away}chainlog "
        "sync {saved}"
    ),
    "make one with 'chainlog checkpoint'",
    "make one: chainlog key new",
    (
        "make one: chainlog witness new FILE --name NAME; of a witness's key that was moved, "
        "move its folder 'witness' with it"
    ),
    "mkdir -p {into_} && mv {where} {file} && chainlog sync {from_}",
    (
        "name a new one: a copy is written into nothing that is there; whether a copy there "
        "is whole, 'chainlog verify {quoted}' says"
    ),
    "name it with 'chainlog withhold --rule'",
    (
        "no checkpoint of it is kept here: take one with 'chainlog sync PATH' or 'chainlog "
        "checkpoint --take FILE'"
    ),
    (
        "not what was signed, and marked so: what these entries say: {entries}; run 'chainlog"
        " verify'"
    ),
    "put back the line that 'chainlog witness new' printed",
    "run 'chainlog verify'",
    "run 'chainlog verify' on the ledger",
    "run 'chainlog verify', and bring back a whole copy",
    "run 'chainlog verify'; bring back a newer copy if this is an old one",
    "save it as CSV: 'chainlog import' records what is in that",
    "take it from a ledger that holds it: chainlog sync PATH",
    "take them from whoever has them ('chainlog sync PATH'), or verify what is here",
    "take what is missing from the copy that was written last: chainlog {where}sync {other}",
    "take what is missing with 'chainlog sync PATH'",
    "the erasure stands; run 'chainlog erase --carry-out{options}' to finish it",
    (
        "this cannot be undone: the entry stays, and what it says is gone from this ledger.\n"
        "copies elsewhere, and backups, keep it until they carry the erasure out ('chainlog "
        "erase --carry-out' after a sync)."
    ),
    "two histories were signed: run 'chainlog verify'",
    (
        "what was erased before is found by its id alone; 'chainlog erase --carry-"
        "out{options}' drops what is left of it here"
    ),
    "what was recorded is kept: 'chainlog status' reads it back",
    "who may sign cannot be told: run 'chainlog verify'",
    (
        "{folder} is synchronised by {service}, which puts files in the place of those that "
        "are being written: keep the ledger elsewhere, and bring it to others with 'chainlog "
        "sync PATH'"
    ),
    "{make_room}run 'chainlog status': it reads back what is there",
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
