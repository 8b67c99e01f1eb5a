from __future__ import annotations

import base64
import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.oracles import oracle, oracle_cases

from chainlog.errors import ProofError
from chainlog.format import merkle

QUICK = settings(max_examples=60, deadline=None)
LEAVES = [sha256(b"leaf %d" % n).digest() for n in range(130)]


# The definitions of RFC 6962 2.1, as they stand there.


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d):
    if not d:
        return sha256(b"").digest()
    if len(d) == 1:
        return d[0]
    k = split(len(d))
    return sha256(b"\x01" + mth(d[:k]) + mth(d[k:])).digest()


def path(m, d):
    if len(d) == 1:
        return []
    k = split(len(d))
    return [*path(m, d[:k]), mth(d[k:])] if m < k else [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m, d, *, whole):
    if m == len(d):
        return [] if whole else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], whole=whole), mth(d[k:])]
    return [*subproof(m - k, d[k:], whole=False), mth(d[:k])]


def turns(index, size):
    """The way from the root down to a leaf.

    Two trees with the same turns cannot be told apart by that leaf's proof.
    """
    if size == 1:
        return ""
    k = split(size)
    return "L" + turns(index, k) if index < k else "R" + turns(index - k, size - k)


def kinships(m, n, *, whole=True):
    """Where each hash of a consistency proof belongs.

    Two pairs of sizes with the same cannot be told apart by a proof.
    """
    if m == n:
        return "=" if whole else "."
    k = split(n)
    return (
        kinships(m, k, whole=whole) + "R" if m <= k else kinships(m - k, n - k, whole=False) + "L"
    )


@st.composite
def index_and_size(draw):
    size = draw(st.integers(1, len(LEAVES)))
    return draw(st.integers(0, size - 1)), size


@st.composite
def two_sizes(draw):
    size2 = draw(st.integers(1, len(LEAVES)))
    return draw(st.integers(1, size2)), size2


# Other people's vectors


def b64(text):
    return base64.b64decode(text, validate=True)


@pytest.mark.parametrize("file", oracle_cases("merkle/testdata/inclusion"))
def test_inclusion_vectors(file):
    case = json.loads(file.read_text())
    proof = [b64(h) for h in case["proof"] or []]

    def verify():
        merkle.verify_inclusion(
            b64(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, b64(case["root"])
        )

    expect(verify, refused=case["wantErr"])


@pytest.mark.parametrize("file", oracle_cases("merkle/testdata/consistency"))
def test_consistency_vectors(file):
    case = json.loads(file.read_text())
    proof = [b64(h) for h in case["proof"] or []]

    def verify():
        merkle.verify_consistency(
            case["size1"], case["size2"], proof, b64(case["root1"]), b64(case["root2"])
        )

    expect(verify, refused=case["wantErr"])


def test_in_the_vectors_as_here_nothing_is_proven_of_the_empty_tree():
    """RFC 9162 2.1.4.2 asks for 0 < first.

    A protocol that begins at 0 (C2SP tlog-witness) looks at the size before it looks at a proof.
    """
    cases = [json.loads(file.read_text()) for file in oracle("merkle/testdata").glob("**/*.json")]
    of_none = [
        case for case in cases if 0 in (case.get("size1"), case.get("size2"), case.get("treeSize"))
    ]
    assert (len(cases), len(of_none)) == (196, 17)
    assert all(case["wantErr"] for case in of_none)


def expect(verify, *, refused):
    if refused:
        with pytest.raises(ProofError):
            verify()
    else:
        verify()


def holds(verify, *claim):
    try:
        verify(*claim)
    except ProofError:
        return False
    return True


# Roots and frontiers


def test_the_empty_root_is_that_of_rfc_6962():
    assert (
        merkle.EMPTY_ROOT
        == sha256(b"").digest()
        == merkle.root([])
        == merkle.Frontier().root()
        == merkle.fold([])
    )


def test_roots_are_those_of_the_definition_at_every_size():
    for size in range(len(LEAVES) + 1):
        assert merkle.root(LEAVES[:size]) == mth(LEAVES[:size])


def test_a_node_is_hashed_with_its_own_prefix():
    assert (
        merkle.node_hash(LEAVES[0], LEAVES[1]) == sha256(b"\x01" + LEAVES[0] + LEAVES[1]).digest()
    )


@QUICK
@given(st.lists(st.integers(0, 20), max_size=8))
def test_a_frontier_that_grows_in_steps_is_the_tree_and_carries_on_when_restored(steps):
    frontier, stored = merkle.Frontier(), {}
    for step in steps:
        size = frontier.size
        leaves = LEAVES[size : size + step]
        restored = merkle.Frontier(size, frontier.hashes)
        for level, hashes in enumerate([leaves, *frontier.extend(leaves)]):
            stored.update({(level, (size >> level) + n): h for n, h in enumerate(hashes)})
        for leaf in leaves:
            restored.append(leaf)
        assert restored.size == frontier.size == size + len(leaves)
        assert (
            restored.hashes
            == frontier.hashes
            == tuple(stored[node] for node in merkle.root_nodes(frontier.size))
        )
        assert restored.root() == frontier.root() == mth(LEAVES[: frontier.size])
    # Every full subtree was handed out once, and is what it should be.
    expected = {(level, n) for level in range(9) for n in range(frontier.size >> level)}
    assert stored.keys() == expected
    assert all(h == mth(LEAVES[n << level : (n + 1) << level]) for (level, n), h in stored.items())


def test_extend_leaves_the_callers_list_alone():
    leaves = LEAVES[:7]
    merkle.Frontier().extend(leaves)
    assert leaves == LEAVES[:7]


@pytest.mark.parametrize(
    ("size", "hashes"),
    [
        (1, []),
        (0, LEAVES[:1]),
        (3, LEAVES[:1]),
        (4, LEAVES[:2]),
        (-1, LEAVES[:1]),
        (1, [b"short"]),
        (1, [b""]),
    ],
    ids=["none for one", "one for none", "too few", "too many", "negative", "short", "empty"],
)
def test_what_is_no_frontier_is_refused(size, hashes):
    with pytest.raises(ProofError):
        merkle.Frontier(size, hashes)


def test_a_leaf_of_another_length_is_refused_and_nothing_added():
    frontier = merkle.Frontier()
    frontier.extend(LEAVES[:3])
    for bad in (b"", LEAVES[0][:31], LEAVES[0] + b"\0"):
        with pytest.raises(ProofError):
            frontier.extend([LEAVES[3], bad])
        with pytest.raises(ProofError):
            frontier.append(bad)
    assert frontier.size == 3
    assert frontier.root() == mth(LEAVES[:3])


def test_an_interrupted_extend_adds_nothing():
    class Interrupted(list):
        reads = 0

        def __iter__(self):
            self.reads += 1
            if self.reads > 1:
                raise KeyboardInterrupt
            return super().__iter__()

    frontier = merkle.Frontier()
    frontier.extend(LEAVES[:3])
    with pytest.raises(KeyboardInterrupt):
        frontier.extend(Interrupted(LEAVES[3:8]))
    assert (frontier.size, frontier.root()) == (3, mth(LEAVES[:3]))


# Which nodes


def test_the_example_of_the_docstring():
    assert merkle.root_nodes(7) == ((2, 0), (1, 2), (0, 6))
    assert merkle.inclusion_nodes(2, 7) == [((0, 3),), ((1, 0),), ((1, 2), (0, 6))]


def test_plans_stay_small_in_a_tree_of_a_thousand_million():
    size = 1_000_000_007
    for plan in (
        merkle.inclusion_nodes(123_456_789, size),
        merkle.consistency_nodes(123_456_789, size),
    ):
        assert len(plan) <= 31
        assert sum(map(len, plan)) <= 60
        assert sum(len(part) > 1 for part in plan) <= 1
        assert all((index + 1) << level <= size for part in plan for level, index in part)


def test_a_proof_reads_its_nodes_in_one_call():
    calls = []

    def read(nodes):
        calls.append(nodes)
        return [mth(LEAVES[index << level : (index + 1) << level]) for level, index in nodes]

    assert merkle.read_proof(merkle.inclusion_nodes(5, 103), read) == path(5, LEAVES[:103])
    assert len(calls) == 1


def test_every_proof_of_small_trees_is_that_of_the_definition_and_verifies():
    for size in range(1, 34):
        leaves, root = LEAVES[:size], mth(LEAVES[:size])
        for n in range(size):
            proof = merkle.inclusion_proof(LEAVES, n, size)
            assert proof == path(n, leaves)
            merkle.verify_inclusion(LEAVES[n], n, size, proof, root)
        for size1 in range(1, size + 1):
            proof = merkle.consistency_proof(LEAVES, size1, size)
            assert proof == subproof(size1, leaves, whole=True)
            merkle.verify_consistency(size1, size, proof, mth(LEAVES[:size1]), root)


@QUICK
@given(index_and_size())
def test_inclusion_proofs_are_those_of_the_definition(place):
    index, size = place
    assert merkle.inclusion_proof(LEAVES, index, size) == path(index, LEAVES[:size])


@QUICK
@given(two_sizes())
def test_consistency_proofs_are_those_of_the_definition(sizes):
    size1, size2 = sizes
    assert merkle.consistency_proof(LEAVES, size1, size2) == subproof(
        size1, LEAVES[:size2], whole=True
    )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 4), (4, 4), (5, 4), (0, 131), (0, -1)])
def test_no_inclusion_proof_outside_the_tree(index, size):
    with pytest.raises(ProofError):
        merkle.inclusion_proof(LEAVES, index, size)


@pytest.mark.parametrize(
    ("size1", "size2"), [(0, 0), (0, 4), (5, 4), (-1, 4), (4, 131), (131, 131), (-2, -1)]
)
def test_no_consistency_proof_outside_the_tree(size1, size2):
    with pytest.raises(ProofError):
        merkle.consistency_proof(LEAVES, size1, size2)


# Mutations


def flipped(data, draw):
    bit = draw(st.integers(0, len(data) * 8 - 1))
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


def mutated_proof(proof, draw):
    """A proof that differs from `proof` in one place or in its length."""
    stray = st.sampled_from([LEAVES[0], b"", b"\0" * 32, merkle.EMPTY_ROOT])
    place = draw(st.integers(0, len(proof)))
    if place == len(proof):
        return [*proof, draw(stray)] if draw(st.booleans()) or not proof else proof[:-1]
    how = draw(st.sampled_from(["flip", "drop", "insert", "cut", "lengthen"]))
    new = {
        "flip": lambda h: [flipped(h, draw)],
        "drop": lambda _: [],
        "insert": lambda h: [draw(stray), h],
        "cut": lambda h: [h[:-1]],
        "lengthen": lambda h: [h + b"\0"],
    }[how](proof[place])
    return [*proof[:place], *new, *proof[place + 1 :]]


@QUICK
@given(index_and_size(), st.data())
def test_a_mutated_inclusion_proof_is_refused(place, data):
    index, size = place
    leaf, proof, root = LEAVES[index], path(index, LEAVES[:size]), mth(LEAVES[:size])
    merkle.verify_inclusion(leaf, index, size, proof, root)
    other_index = data.draw(st.integers(-2, 2 * size).filter(lambda n: n != index))
    for mutant in (
        (leaf, index, size, mutated_proof(proof, data.draw), root),
        (flipped(leaf, data.draw), index, size, proof, root),
        (leaf, index, size, proof, flipped(root, data.draw)),
        (leaf[:-1], index, size, proof, root),
        (leaf, index, size, proof, root[:-1]),
        (leaf, other_index, size, proof, root),
        (leaf, index, index, proof, root),
        (leaf, index, -size, proof, root),
    ):
        with pytest.raises(ProofError):
            merkle.verify_inclusion(*mutant)


@QUICK
@given(index_and_size(), st.integers(1, len(LEAVES)))
def test_another_size_is_refused_unless_no_proof_could_tell(place, other):
    index, size = place
    proof, root = path(index, LEAVES[:size]), mth(LEAVES[:size])
    told_apart = index >= other or turns(index, other) != turns(index, size)
    expect(
        lambda: merkle.verify_inclusion(LEAVES[index], index, other, proof, root),
        refused=told_apart,
    )
    # A root of that other size is refused in any case: no two sizes have one root.
    expect(
        lambda: merkle.verify_inclusion(LEAVES[index], index, size, proof, mth(LEAVES[:other])),
        refused=other != size,
    )


def test_another_place_is_refused_unless_no_proof_could_tell():
    places = [(index, size) for size in range(1, 18) for index in range(size)]
    for index, size in places:
        proof, root = path(index, LEAVES[:size]), mth(LEAVES[:size])
        accepted = {
            place
            for place in places
            if holds(merkle.verify_inclusion, LEAVES[index], *place, proof, root)
        }
        assert accepted == {place for place in places if turns(*place) == turns(index, size)}


@QUICK
@given(two_sizes(), st.data())
def test_a_mutated_consistency_proof_is_refused(sizes, data):
    size1, size2 = sizes
    proof, root1, root2 = (
        subproof(size1, LEAVES[:size2], whole=True),
        mth(LEAVES[:size1]),
        mth(LEAVES[:size2]),
    )
    merkle.verify_consistency(size1, size2, proof, root1, root2)
    mutants = [
        (size1, size2, mutated_proof(proof, data.draw), root1, root2),
        (size1, size2, proof, flipped(root1, data.draw), root2),
        (size1, size2, proof, root1, flipped(root2, data.draw)),
        (size1, size2, proof, root1, root2[:-1]),
        (size1, size2, proof, root1[:-1], root2),
        (0, size2, proof, root1, root2),
        (size1, size1 - 1, proof, root1, root2),
        (-size1, size2, proof, root1, root2),
    ]
    if size1 != size2:
        mutants += [
            (size1, size2, [], root1, root2),
            (size1, size2, proof, root2, root1),
            (size2, size1, proof, root2, root1),
        ]
    for mutant in mutants:
        with pytest.raises(ProofError):
            merkle.verify_consistency(*mutant)


def test_other_sizes_are_refused_unless_no_proof_could_tell():
    pairs = [(size1, size2) for size2 in range(1, 18) for size1 in range(1, size2 + 1)]
    for size1, size2 in pairs:
        proof, root1, root2 = (
            subproof(size1, LEAVES[:size2], whole=True),
            mth(LEAVES[:size1]),
            mth(LEAVES[:size2]),
        )
        accepted = {
            pair for pair in pairs if holds(merkle.verify_consistency, *pair, proof, root1, root2)
        }
        assert accepted == {pair for pair in pairs if kinships(*pair) == kinships(size1, size2)}


def test_a_proof_whose_hashes_are_cut_elsewhere_is_refused():
    # One byte moved from a hash to its neighbour leaves the bytes that are hashed as they were.
    leaf, sibling = LEAVES[:2]
    root = merkle.node_hash(leaf, sibling)
    merkle.verify_inclusion(leaf, 0, 2, [sibling], root)
    assert merkle.node_hash(leaf + sibling[:1], sibling[1:]) == root
    assert not holds(merkle.verify_inclusion, leaf + sibling[:1], 0, 2, [sibling[1:]], root)
    old, new, left = LEAVES[2][1:], LEAVES[3], root + LEAVES[2][:1]
    root2 = merkle.node_hash(left, merkle.node_hash(old, new))
    assert merkle.node_hash(left, old) == mth(LEAVES[:3])
    assert not holds(merkle.verify_consistency, 3, 4, [old, new, left], mth(LEAVES[:3]), root2)


@QUICK
@given(
    st.integers(),
    st.integers(),
    st.lists(st.binary(max_size=33), max_size=4),
    st.binary(max_size=33),
    st.binary(max_size=33),
)
def test_whatever_comes_only_a_proof_error_is_raised(n, m, proof, one, other):
    # Nobody guesses a preimage: what holds is the tree of one entry, or a tree and itself.
    trivial = proof == [] and one == other
    assert trivial or not holds(merkle.verify_inclusion, one, n, m, proof, other)
    assert trivial or not holds(merkle.verify_consistency, n, m, proof, one, other)


def test_sizes_of_any_magnitude_cost_no_more_than_the_proof_is_long():
    huge = 1 << 4096
    with pytest.raises(ProofError):
        merkle.verify_inclusion(LEAVES[0], huge - 1, huge, LEAVES[:3], LEAVES[1])
    with pytest.raises(ProofError):
        merkle.verify_consistency(huge - 1, huge, LEAVES[:3], LEAVES[0], LEAVES[1])


def test_a_frontier_goes_on_from_its_hashes():
    ids = [bytes([n]) * 32 for n in range(11)]
    frontier = merkle.Frontier()
    for size in range(11):
        restored = merkle.Frontier(size, frontier.hashes)
        restored.extend(ids[size:])
        assert restored.root() == merkle.root(ids)
        frontier.extend(ids[size : size + 1])
