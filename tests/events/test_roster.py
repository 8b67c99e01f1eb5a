"""The roster against a small model of FORMAT.md 8, which keeps the steps and looks back over them,
and folds nothing.
"""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.chains import CLERK, NEXT, OWNER, STRANGER, opening
from support.notes import VKEY

from chainlog.errors import KeyFormError, RosterError, UncertainError
from chainlog.events.kinds import MOVES_ROSTER
from chainlog.events.revocation import Revocation
from chainlog.events.roster import WITHHELD, Grant, Roster
from chainlog.format.body import commit, open_body, withhold
from chainlog.format.checkpoint import log_vkey
from chainlog.format.entry import NO_ID, Header
from chainlog.format.keys import commitment_to_next
from chainlog.format.note import format_vkey

SIGNERS = (OWNER, CLERK, STRANGER, NEXT)
KEYS = [signer.key_id for signer in SIGNERS]
ID = b"i" * 32


def header(kind, index, author):
    return Header(1, b"c" * 32 if index else NO_ID, b"p" * 32, index, 0, 0, author, kind, b"b" * 32)


def body(fields, hidden=()):
    data, commitment = commit(fields, bytes(32))
    return open_body(withhold(data, commitment, hidden) if hidden else data, commitment)


def grant(key, roles=("custodian",), **more):
    return {"key": key, "roles": list(roles), "holder": {"name": "n"}, **more}


class Step(NamedTuple):
    """What a key says: of whom, which roles."""

    kind: str
    author: bytes
    key: bytes = b""
    roles: tuple[str, ...] = ()
    next: bytes = b""

    def fields(self):
        then = {"next": commitment_to_next(self.next)} if self.next else {}
        return {
            "chain.open": {
                "origin": "a/b",
                "site": "s",
                "keys": [
                    {"key": self.author, "roles": list(self.roles)},
                    {"key": self.key, "roles": ["custodian"]},
                ],
                "holders": [{"name": "n"}] * 2,
                **({"programme": ID} if "log" in self.roles else {}),
                **then,
            },
            "key.grant": grant(self.key, self.roles),
            "key.revoke": {"key": self.key, "reason": "lost"},
            "key.recover": {"key": self.key, **then},
            "chain.seen": {"checkpoint": "…"},
            "chain.fork": {"at": 0, "other": ID},
            "chain.close": {"reason": "r"},
            "chain.erase": {"entries": [ID], "reason": "r"},
            "site.admit": {"chain": ID, "origin": "a/b"},
            "witness.suspend": {"vkey": VKEY},
        }[self.kind]


# The model: questions about a list of steps that were accepted, each with its index


def roles_of(steps, key):
    """What `key` may do after `steps`; None where it is not in force."""
    for _, step in reversed(steps):
        owned = step.kind == "key.recover" and step.key != key
        if step.kind == "key.revoke" and step.key == key:
            return None
        if step.kind == "key.recover" and step.key == key:
            return {"owner"}
        if owned and "owner" in (roles_of(steps[: steps.index((_, step))], key) or ()):
            return None
        if step.kind == "key.grant" and step.key == key:
            return set(step.roles)
        if step.kind == "chain.open" and key in {step.author, step.key}:
            return set(step.roles) if key == step.author else {"custodian"}
    return None


def revoked_at(steps, key):
    """The first index at which `key` lost its power for ever."""
    for n, (index, step) in enumerate(steps):
        if step.kind == "key.revoke" and step.key == key:
            return index
        if (
            step.kind == "key.recover"
            and step.key != key
            and "owner" in (roles_of(steps[:n], key) or ())
        ):
            return index
    return None


def next_of(steps):
    for _, step in reversed(steps):
        if step.kind in {"chain.open", "key.recover"}:
            return step.next or None
    return None


def allowed(steps, index, step):  # noqa: C901, PLR0911  (one rule a line)
    """Whether the rules of step 5 let `step` stand at `index` after `steps`."""
    if (index == 0) != (step.kind == "chain.open"):
        return False
    if index == 0:
        return "owner" in step.roles and step.key != step.author
    if any(one.kind == "chain.close" for _, one in steps) and step.kind != "chain.erase":
        return False
    mine = roles_of(steps, step.author)
    if step.kind == "key.recover":
        return step.key == step.author == next_of(steps) and revoked_at(steps, step.key) is None
    if mine is None:
        return False
    if step.kind == "transfer":
        return True
    opened = steps[0][1]
    if step.kind.startswith(("site.", "witness.")) and "log" in opened.roles:
        return False
    if step.kind in {"chain.seen", "chain.fork"}:
        return True
    if "owner" not in mine and not (step.kind == "key.revoke" and step.key == step.author):
        return False
    if step.kind == "key.grant" and revoked_at(steps, step.key) is not None:
        return False
    after = [*steps, (index, step)]
    return any("owner" in (roles_of(after, key) or ()) for key in KEYS)


KEY = st.sampled_from(KEYS)
ROLES = st.sampled_from([("owner",), ("custodian",), (), ("owner", "recorder"), ("inspector",)])
GOVERNING = st.sampled_from(
    [
        "key.grant",
        "key.grant",
        "key.revoke",
        "key.revoke",
        "key.recover",
        "chain.seen",
        "chain.fork",
        "chain.erase",
        "site.admit",
        "witness.suspend",
    ],
)
STEPS = (
    st.builds(lambda key, roles, kind: Step(kind, OWNER.key_id, key, roles), KEY, ROLES, GOVERNING)
    | st.builds(lambda key, then: Step("key.recover", key, key, (), then), KEY, KEY | st.just(b""))
    | st.builds(
        Step,
        GOVERNING | st.sampled_from(["transfer", "chain.close", "chain.open"]),
        KEY,
        KEY,
        ROLES,
    )
    | st.builds(lambda key: Step("key.revoke", key, key), KEY)
)
OPENINGS = st.builds(
    lambda key, roles, then: Step("chain.open", OWNER.key_id, key, roles, then),
    st.sampled_from(KEYS[1:]),
    st.sampled_from([("owner",), ("owner",), ("owner", "log"), ("custodian",)]),
    KEY | st.just(b""),
)


def take(roster, index, step):
    """Whether the roster lets `step` stand; where it does not, it is as it was before."""
    before = deepcopy(roster)
    try:
        if step.kind == "transfer":
            roster.check_custody(index, step.author)
        else:
            roster.govern(header(step.kind, index, step.author), body(step.fields()))
    except RosterError:
        assert roster == before
        return False
    return True


@settings(max_examples=150)
@given(OPENINGS, st.lists(STEPS, max_size=14))
@example(Step("transfer", OWNER.key_id), [])
@example(Step("key.grant", OWNER.key_id, CLERK.key_id), [])
def test_the_fold_says_what_looking_back_says(opens, steps):
    roster, accepted = Roster(), []
    for index, step in enumerate([opens, *steps]):
        copy = roster.copy()
        good = take(roster, index, step)
        assert good == allowed(accepted, index, step), (index, step)
        assert take(copy, index, step) == good
        assert copy == roster
        if not good and index == 0:
            return
        if good and step.kind != "transfer":
            accepted.append((index, step))
        told = {key: set(one.roles) for key, one in roster.keys.items()}
        assert told == {
            key: roles for key in KEYS if (roles := roles_of(accepted, key)) is not None
        }
        assert {key: one.at for key, one in roster.revoked.items()} == {
            key: at for key in KEYS if (at := revoked_at(accepted, key)) is not None
        }
        assert roster.owners == tuple(
            sorted(key for key, roles in told.items() if "owner" in roles)
        )
        assert roster.owners
        assert roster.next == (commitment_to_next(key) if (key := next_of(accepted)) else None)
        assert roster.pointer == max(at for at, one in accepted if one.kind in MOVES_ROSTER)
        assert roster.closed_at == next(
            (at for at, one in accepted if one.kind == "chain.close"), None
        )


# Rules one by one, with the code of each


def opened(**more):
    roster = Roster()
    roster.govern(header("chain.open", 0, OWNER.key_id), body(opening(**more)))
    return roster


def fault(roster, kind, author, fields, index=1, hidden=()):
    before = deepcopy(roster)
    with pytest.raises(RosterError) as refused:
        roster.govern(header(kind, index, author.key_id), body(fields, hidden))
    assert roster == before
    assert refused.value.code == "roster"
    return refused.value.fault


def test_who_is_who_after_the_opening():
    roster = opened(
        programme=ID, next=ID, holders=[{"name": "Іван", "party": "Бригада"}, {"name": "Марія"}]
    )
    assert (roster.origin, roster.site, roster.programme, roster.next) == (
        "example.org/depot",
        "Склад 7",
        ID,
        ID,
    )
    assert roster.keys[OWNER.key_id] == Grant(("owner", "log"), "Іван", "Бригада", 1)
    assert roster.keys[CLERK.key_id] == Grant(("custodian",), "Марія", "Склад 7", 1)


def test_an_opening_is_signed_by_an_owner_of_its_own():
    for author in (CLERK, STRANGER):
        assert fault(Roster(), "chain.open", author, opening(), 0) == "not-owner"
    assert fault(Roster(), "key.grant", OWNER, grant(CLERK.key_id), 0) == "not-opened"
    with pytest.raises(RosterError) as refused:
        Roster().check_custody(0, OWNER.key_id)
    assert refused.value.fault == "not-opened"


def test_a_grant_says_until_when_and_counts_from_the_next_index():
    roster = opened()
    roster.govern(
        header("key.grant", 5, OWNER.key_id),
        body(grant(STRANGER.key_id, ["recorder"], until="2030-01-01")),
    )
    assert roster.keys[STRANGER.key_id] == Grant(("recorder",), "n", "Склад 7", 6, "2030-01-01")


def test_a_second_revocation_says_more_but_not_when():
    roster = opened()
    roster.govern(
        header("key.revoke", 3, OWNER.key_id), body({"key": CLERK.key_id, "reason": "retired"})
    )
    assert roster.revoked[CLERK.key_id] == Revocation("retired", 3)
    roster.govern(
        header("key.revoke", 9, OWNER.key_id),
        body({"key": CLERK.key_id, "reason": "compromised", "since": 2}),
    )
    assert roster.revoked[CLERK.key_id] == Revocation("compromised", 3, 2)
    with pytest.raises(RosterError, match="revoked by entry 3"):
        roster.check_custody(10, CLERK.key_id)


def test_recovery_keeps_the_name_of_a_key_that_had_one_and_the_reason_of_an_older_revocation():
    roster = opened(
        next=commitment_to_next(CLERK.key_id),
        holders=[{"name": "Іван"}, {"name": "Марія", "party": "Бригада"}],
    )
    roster.govern(header("key.recover", 4, CLERK.key_id), body({"key": CLERK.key_id}))
    assert roster.keys == {CLERK.key_id: Grant(("owner",), "Марія", "Бригада", 5)}
    assert roster.revoked == {OWNER.key_id: Revocation("lost", 4)}
    assert roster.next is None
    fresh = opened(next=commitment_to_next(NEXT.key_id))
    fresh.govern(header("key.recover", 4, NEXT.key_id), body({"key": NEXT.key_id, "next": ID}))
    assert fresh.keys[NEXT.key_id] == Grant(("owner",), "", "Склад 7", 5)
    assert (set(fresh.keys), fresh.next) == ({NEXT.key_id, CLERK.key_id}, ID)


def test_recovery_is_by_the_key_itself():
    roster = opened(next=commitment_to_next(NEXT.key_id))
    assert fault(roster, "key.recover", OWNER, {"key": NEXT.key_id}) == "not-next"
    assert fault(roster, "key.recover", NEXT, {"key": OWNER.key_id}) == "not-next"
    assert fault(roster, "key.recover", STRANGER, {"key": STRANGER.key_id}) == "not-next"
    assert fault(opened(), "key.recover", NEXT, {"key": NEXT.key_id}) == "not-next"


MALFORMED = {
    "not an opening": ("chain.open", {"origin": "a/b"}, Roster, 0),
    "keys that are none": ("chain.open", {**opening(), "keys": 7}, Roster, 0),
    "keys that are numbers": ("chain.open", {**opening(), "keys": [7, 8]}, Roster, 0),
    "a key of text": ("key.revoke", {"key": "x", "reason": "lost"}, opened, 1),
    "a reason of one's own, which is no text": (
        "key.revoke",
        {"key": CLERK.key_id, "reason": 7},
        opened,
        1,
    ),
}


@pytest.mark.parametrize(("kind", "fields", "roster", "index"), MALFORMED.values(), ids=MALFORMED)
def test_a_governing_entry_that_does_not_fit_is_refused(kind, fields, roster, index):
    assert fault(roster(), kind, OWNER, fields, index) == "governing-malformed"


@pytest.mark.parametrize(
    "key", [b"", b"\x01" + bytes(32), OWNER.key_id[:-1], b"\x07" + OWNER.key_id[1:]]
)
def test_a_refused_key_is_a_matter_of_key_form_wherever_it_stands(key):
    listed = {
        **opening(),
        "keys": [{"key": OWNER.key_id, "roles": ["owner"]}, {"key": key, "roles": []}],
    }
    for kind, fields, roster, index in (
        ("chain.open", listed, Roster(), 0),
        ("key.revoke", {"key": key, "reason": "lost"}, opened(), 1),
    ):
        with pytest.raises(KeyFormError):
            roster.govern(header(kind, index, OWNER.key_id), body(fields))


def uncertain(roster, kind, author, held, index=1):
    with pytest.raises(UncertainError) as unknown:
        roster.govern(header(kind, index, author.key_id), held)
    assert roster.uncertain_from is not None
    return unknown.value.fault


def test_what_cannot_be_read_leaves_it_uncertain_from_the_first_on():
    roster = opened()
    keys = dict(roster.keys)
    assert uncertain(roster, "chain.bless", OWNER, body({"words": "…"}), 3) == "kind-unknown"
    assert uncertain(roster, "key.grant", OWNER, None, 4) == "governing-absent"
    assert (
        uncertain(roster, "key.grant", OWNER, body(grant(STRANGER.key_id, colour="red")), 5)
        == "field-unknown"
    )
    assert (
        uncertain(roster, "key.grant", OWNER, body(grant(STRANGER.key_id, ["king"])), 6)
        == "field-unknown"
    )
    assert (
        uncertain(roster, "key.grant", OWNER, body(grant(STRANGER.key_id), ["key"]), 7)
        == "governing-withheld"
    )
    assert (roster.uncertain_from, roster.keys, roster.pointer) == (3, keys, 0)
    assert roster.copy() == roster


@pytest.mark.parametrize(
    ("kind", "author", "code"),
    [
        ("chain.seen", CLERK, None),
        ("chain.fork", CLERK, None),
        ("key.revoke", CLERK, None),
        ("key.recover", NEXT, None),
        ("key.recover", STRANGER, "not-next"),
        ("key.recover", OWNER, "not-next"),
        ("key.grant", CLERK, "not-owner"),
        ("chain.bless", CLERK, "not-owner"),
        ("chain.seen", STRANGER, "key-unknown"),
        ("key.revoke", STRANGER, "key-unknown"),
        ("chain.close", STRANGER, "key-unknown"),
    ],
)
def test_who_may_sign_what_cannot_be_read(kind, author, code):
    roster = opened(next=commitment_to_next(NEXT.key_id))
    if code is None:
        assert uncertain(roster, kind, author, None) in {"governing-absent", "kind-unknown"}
    else:
        with pytest.raises(RosterError) as refused:
            roster.govern(header(kind, 1, author.key_id), None)
        assert (refused.value.fault, roster.uncertain_from) == (code, None)


def test_an_opening_that_is_not_held_opens_nothing():
    roster = Roster()
    assert uncertain(roster, "chain.open", STRANGER, None, 0) == "governing-absent"
    assert (roster.opened, roster.keys) == (False, {})


WITHHELD_GOOD = {
    "a site": ("chain.open", opening(), ["site"]),
    "a holder of two": ("chain.open", opening(), ["holders/1"]),
    "all holders": ("chain.open", opening(), ["holders/0", "holders/1"]),
    "a holder and a note": ("key.grant", grant(STRANGER.key_id, note="n"), ["holder", "note"]),
    "a scope": ("site.admit", {"chain": ID, "origin": "a/b", "scope": "s"}, ["scope"]),
    "a note": ("chain.seen", {"checkpoint": "…", "note": "n"}, ["note"]),
}


@pytest.mark.parametrize(("kind", "fields", "paths"), WITHHELD_GOOD.values(), ids=WITHHELD_GOOD)
def test_names_may_be_withheld(kind, fields, paths):
    first = kind == "chain.open"
    whole, part = (Roster(), Roster()) if first else (opened(), opened())
    index = 0 if first else 1
    whole.govern(header(kind, index, OWNER.key_id), body(fields))
    part.govern(header(kind, index, OWNER.key_id), body(fields, paths))
    assert {key: one.roles for key, one in part.keys.items()} == {
        key: one.roles for key, one in whole.keys.items()
    }
    assert (part.pointer, part.origin, part.uncertain_from) == (whole.pointer, whole.origin, None)
    if "site" in paths:
        assert part.site == WITHHELD
        assert part.keys[OWNER.key_id].party == WITHHELD
    if "holders/1" in paths or "holder" in paths:
        assert part.keys[CLERK.key_id if first else STRANGER.key_id].name == WITHHELD


@pytest.mark.parametrize("path", ["origin", "keys/0", "next", "programme"])
def test_nothing_else_may_be_withheld_of_an_opening(path):
    assert (
        uncertain(Roster(), "chain.open", OWNER, body(opening(next=ID, programme=ID), [path]), 0)
        == "governing-withheld"
    )


@pytest.mark.parametrize(
    "kind",
    ["site.admit", "site.suspend", "witness.admit", "witness.suspend", "site.new", "witness.new"],
)
def test_only_an_authority_speaks_of_sites_and_witnesses(kind):
    fields = {"chain": ID, "origin": "a/b", "reason": "r", "size": 1, "vkey": VKEY}
    assert fault(opened(programme=ID), kind, OWNER, fields) == "not-authority"


@pytest.mark.parametrize("kind", ["witness.admit", "witness.suspend"])
def test_a_witness_without_a_verifier_key_counts_for_nothing(kind):
    for vkey in ("v", VKEY.replace("hub", "ngo"), format_vkey(log_vkey("a/b", OWNER.key_id))):
        roster = opened()
        before = deepcopy(roster)
        assert fault(roster, kind, OWNER, {"vkey": vkey}) == "governing-malformed"
        assert roster == before


def test_after_the_end_bodies_may_be_erased_and_nothing_more():
    roster = opened()
    roster.govern(header("chain.close", 7, OWNER.key_id), body({"reason": "r"}))
    roster.govern(header("chain.erase", 8, OWNER.key_id), body({"entries": [ID], "reason": "r"}))
    assert (roster.closed_at, roster.pointer) == (7, 7)
    assert fault(roster, "chain.close", OWNER, {"reason": "r"}, 9) == "chain-closed"
    assert fault(roster, "chain.erase", CLERK, {"entries": [ID], "reason": "r"}, 9) == "not-owner"
    with pytest.raises(RosterError, match="closed by entry 7"):
        roster.check_custody(9, OWNER.key_id)


def test_custody_is_no_matter_of_the_roster_beyond_the_key():
    roster = opened()
    roster.check_custody(1, CLERK.key_id)
    with pytest.raises(RosterError, match="was never granted here"):
        roster.check_custody(1, STRANGER.key_id)
