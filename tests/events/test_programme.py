"""Who belongs to a programme: the fold against questions that look back over all that was said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.notes import HUB, NGO, PRESS

from chainlog.events.event import Event
from chainlog.events.kinds import (
    ChainErase,
    KeyRevoke,
    SiteAdmit,
    SiteSuspend,
    WitnessAdmit,
    WitnessSuspend,
)
from chainlog.events.programme import NEVER_ADMITTED, Admission, Programme
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import format_vkey

CHAINS = [bytes([n]) * 32 for n in (1, 2, 3)]
WITNESSES = [HUB, NGO, PRESS, Ed25519Cosigner(HUB.name, Ed25519Signer.from_seed(b"h" * 32))]
ORIGINS = ["example.org/depot", "example.org/port"]

ADMIT = st.builds(SiteAdmit, chain=st.sampled_from(CHAINS), origin=st.sampled_from(ORIGINS))
SUSPEND = st.builds(
    SiteSuspend,
    chain=st.sampled_from(CHAINS),
    reason=st.sampled_from(["lost", "closed"]),
    size=st.integers(0, 5),
)
VKEYS = st.sampled_from([format_vkey(one.vkey) for one in WITNESSES])
OTHER = st.just(ChainErase(entries=[CHAINS[0]], reason="law")) | st.just(
    KeyRevoke(key=HUB.signer.key_id, reason="lost")
)
EVENTS = st.one_of(
    ADMIT,
    SUSPEND,
    st.builds(WitnessAdmit, vkey=VKEYS),
    st.builds(WitnessSuspend, vkey=VKEYS),
    OTHER,
)


def folded(events, start=1):
    programme = Programme()
    for index, detail in enumerate(events, start):
        programme.take(index, detail)
    return programme


def standing_of(events, chain, start=1):
    """Looked back at: the last admission, and the suspensions since."""
    told = [
        (index, one)
        for index, one in enumerate(events, start)
        if isinstance(one, SiteAdmit | SiteSuspend) and one.chain == chain
    ]
    admitted = max((index for index, one in told if isinstance(one, SiteAdmit)), default=None)
    suspensions = [
        (index, one)
        for index, one in told
        if isinstance(one, SiteSuspend) and index > (admitted or 0)
    ]
    origin = next((one.origin for index, one in told if index == admitted), "")
    if not suspensions:
        return Admission(origin, admitted)
    last, least = suspensions[-1], min(one.size for _, one in suspensions)
    return Admission(origin, admitted, least, last[1].reason, last[0])


def witnesses_of(events, start=1):
    """Those admitted last, each with its first admission since the last suspension."""
    counting = {}
    for one in WITNESSES:
        text = format_vkey(one.vkey)
        told = [
            (index, event)
            for index, event in enumerate(events, start)
            if getattr(event, "vkey", None) == text
        ]
        suspended = max(
            (index for index, event in told if isinstance(event, WitnessSuspend)), default=0
        )
        admitted = [
            index for index, event in told if isinstance(event, WitnessAdmit) and index > suspended
        ]
        if admitted:
            counting[one.vkey] = admitted[0]
    return counting


@given(st.lists(EVENTS, max_size=30))
def test_the_fold_says_what_looking_back_says(events):
    programme = folded(events)
    for chain in (*CHAINS, b"never" + bytes(27)):
        assert programme.standing(chain) == standing_of(events, chain)
    assert programme.witnesses == witnesses_of(events)


class Folding(RuleBasedStateMachine):
    """Step by step: what each event changes, and that it changes nothing else."""

    def __init__(self):
        super().__init__()
        self.programme, self.events = Programme(), []

    def take(self, detail):
        self.events.append(detail)
        before = dict(self.programme.sites), dict(self.programme.witnesses)
        self.programme.take(len(self.events), detail)
        return before

    @rule(detail=ADMIT)
    def admit(self, detail):
        sites, witnesses = self.take(detail)
        sites[detail.chain] = Admission(detail.origin, len(self.events))
        assert (self.programme.sites, self.programme.witnesses) == (sites, witnesses)

    @rule(detail=SUSPEND)
    def suspend(self, detail):
        sites, witnesses = self.take(detail)
        before, after = (
            sites.pop(detail.chain, NEVER_ADMITTED),
            self.programme.standing(detail.chain),
        )
        assert (after.origin, after.admitted_at) == (before.origin, before.admitted_at)
        assert after.accepted <= detail.size
        assert before.accepted is None or after.accepted <= before.accepted
        assert (after.reason, after.suspended_at) == (detail.reason, len(self.events))
        assert {
            chain: one for chain, one in self.programme.sites.items() if chain != detail.chain
        } == sites
        assert self.programme.witnesses == witnesses

    @rule(vkey=VKEYS, admits=st.booleans())
    def witness(self, vkey, admits):
        sites, witnesses = self.take(
            WitnessAdmit(vkey=vkey) if admits else WitnessSuspend(vkey=vkey)
        )
        (key,) = (one.vkey for one in WITNESSES if format_vkey(one.vkey) == vkey)
        assert self.programme.witnesses.get(key) == (
            (witnesses.get(key) or len(self.events)) if admits else None
        )
        assert {one: at for one, at in self.programme.witnesses.items() if one != key} == {
            one: at for one, at in witnesses.items() if one != key
        }
        assert self.programme.sites == sites

    @rule(detail=OTHER)
    def other(self, detail):
        assert self.take(detail) == (self.programme.sites, self.programme.witnesses)

    @invariant()
    def is_what_looking_back_says(self):
        assert all(
            self.programme.standing(chain) == standing_of(self.events, chain) for chain in CHAINS
        )


Folding.TestCase.settings = Folding.TestCase.settings.__class__(
    max_examples=30, stateful_step_count=25, deadline=None
)
TestFolding = Folding.TestCase


def test_nothing_said_is_nobody_admitted():
    assert Programme().standing(CHAINS[0]) is NEVER_ADMITTED
    assert (NEVER_ADMITTED.admitted_at, NEVER_ADMITTED.accepted, Programme().witnesses) == (
        None,
        None,
        {},
    )


@pytest.mark.parametrize(
    ("sizes", "accepted"),
    [([5, 3], 3), ([3, 5], 3), ([0, 9], 0), ([4, 4], 4), ([2**53 - 1], 2**53 - 1)],
)
def test_a_site_suspended_twice_is_accepted_as_far_as_the_smaller_size(sizes, accepted):
    events = [
        SiteAdmit(chain=CHAINS[0], origin=ORIGINS[0]),
        *(SiteSuspend(chain=CHAINS[0], reason="r", size=size) for size in sizes),
    ]
    assert folded(events).standing(CHAINS[0]).accepted == accepted
    assert folded([*events, events[0]]).standing(CHAINS[0]) == Admission(
        ORIGINS[0], len(events) + 1
    )


def test_a_suspension_before_any_admission_stands_until_one():
    suspended = folded([SiteSuspend(chain=CHAINS[0], reason="r", size=2)]).standing(CHAINS[0])
    assert suspended == Admission("", None, 2, "r", 1)


def test_one_name_and_two_keys_are_two_witnesses():
    both = [WitnessAdmit(vkey=format_vkey(WITNESSES[n].vkey)) for n in (0, 3)]
    programme = folded([*both, WitnessSuspend(vkey=format_vkey(WITNESSES[0].vkey))])
    assert programme.witnesses == {WITNESSES[3].vkey: 2}


def test_what_is_taken_in_is_what_events_say():
    event = Event.parse("witness.admit", {"vkey": format_vkey(HUB.vkey), "note": "n"})
    assert folded([event.detail], 7).witnesses == {HUB.vkey: 7}
