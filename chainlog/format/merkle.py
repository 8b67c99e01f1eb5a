"""The RFC 6962 tree over the ids of a chain's entries.

Roots, proofs, and which stored hashes make them (FORMAT.md 6).

An entry's id is its leaf hash, so every hash here is 32 bytes: leaves come in as ids, and only
nodes are hashed::

    root of no leaves    sha256("")
    root of one leaf     the leaf
    root of more         sha256(0x01 || root of the left || root of the right); the left is the
                         greatest power of two below

A *full subtree* holds 2^level leaves and never changes again. Its node `(level, index)` names the
one over the leaves from `index << level` to `(index + 1) << level`, so whoever keeps them keeps one
growing list a level. Any root and any proof, of this size or an earlier one, is made of a
logarithmic number of them: `root_nodes`, `inclusion_nodes` and `consistency_nodes` say of which,
`fold` and `read_proof` put them together, `Frontier.extend` hands out new ones.

    tree of 7  (0,0) (0,1) (0,2) (0,3) (0,4) (0,5) (0,6)   root_nodes(7)   (2,0) (1,2) (0,6)
               (1,0)       (1,1)       (1,2)               inclusion_nodes(2, 7)
               (2,0)                                           [(0,3)] [(1,0)] [(1,2) (0,6)]

A proof says nothing of its tree's size that the root does not say: size and root must come from one
signed checkpoint.
"""

from __future__ import annotations

from functools import reduce
from hashlib import sha256
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeAlias

from chainlog.errors import ProofError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EMPTY_ROOT: Final = sha256(b"").digest()


# (level, index) of a full subtree.
Node: TypeAlias = tuple[int, int]
# One part for each hash of a proof, in the proof's order: full subtrees from left to right that
# `fold` makes into that hash. All parts but one at most are a single node.
Plan: TypeAlias = list[tuple[Node, ...]]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two children (RFC 6962 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the leaf hashes; of none, EMPTY_ROOT."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over adjacent full subtrees, given from left to right and ever smaller.

    Of none, EMPTY_ROOT.
    """
    if not hashes:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes))


class Frontier:
    """A tree that grows.

    It is its size, and the hashes of the full subtrees along its right edge (a compact range).
    `Frontier(size, hashes)` carries on from `frontier.size` and `frontier.hashes`, or from the
    stored hashes of `root_nodes(size)`; raises ProofError when they are not one 32-byte hash for
    each bit set in `size`.
    """

    __slots__ = ("_hashes", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or len(hashes) != size.bit_count():
            raise ProofError(f"{len(hashes)} hashes are not the frontier of a tree of {size}")
        _check_hashes(hashes)
        self._size = size
        self._hashes = list(hashes)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The hashes of `root_nodes(size)`, from left to right."""
        return tuple(self._hashes)

    def root(self) -> bytes:
        """Return the root; of no leaves, EMPTY_ROOT."""
        return fold(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash; `extend` costs far less for many.

        Raises ProofError unless it is 32 bytes.
        """
        self.extend((leaf,))

    def extend(self, leaves: Sequence[bytes]) -> list[list[bytes]]:
        """Add leaf hashes, and return the hashes of the full subtrees that they complete.

        The hashes are for whoever stores them. The first list is of level 1, the next of level 2,
        and so on, each in order; with `size` as it was before, the first hash of a level's list is
        that of node `(level, size >> level)`. Raises ProofError, and adds nothing, unless every
        leaf is 32 bytes.
        """
        _check_hashes(leaves)
        kept = self._hashes.copy()
        lowest: list[bytes] = []
        grown: list[list[bytes]] = []
        size, row = self._size, leaves
        # Level by level rather than leaf by leaf: each level is one pass over neighbours, with a
        # left one that waited, and what is left over at the right waits in turn.
        while row:
            waiting = [kept.pop()] if size & 1 else []
            if (len(waiting) + len(row)) & 1:
                lowest.append(row[-1])
            nodes = chain(waiting, row)
            row = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(nodes, nodes, strict=False)
            ]
            grown.append(row)
            size >>= 1
        self._size += len(leaves)
        self._hashes = [*kept, *reversed(lowest)]
        return grown[:-1]


# Which stored hashes make a root or a proof


def root_nodes(size: int) -> tuple[Node, ...]:
    """Return the full subtrees that `fold` makes into the root of the tree of this size.

    They go from left to right.
    """
    return _cover(0, size)


def inclusion_nodes(index: int, size: int) -> Plan:
    """Return what makes the proof that the leaf at `index` is in the tree of `size`.

    It is PATH of RFC 6962 2.1.1. Raises ProofError unless 0 <= index < size: nothing is in the
    empty tree.
    """
    if not 0 <= index < size:
        raise ProofError(f"no entry {index} in a tree of {size}")
    siblings: Plan = []
    start, stop = 0, size
    while stop - start > 1:
        middle = _middle(start, stop)
        if index < middle:
            siblings.append(_cover(middle, stop))
            stop = middle
        else:
            siblings.append(_cover(start, middle))
            start = middle
    return siblings[::-1]


def consistency_nodes(size1: int, size2: int) -> Plan:
    """Return what makes the proof that the tree of `size2` carries on the tree of `size1`.

    It is SUBPROOF of RFC 6962 2.1.2. Raises ProofError unless 0 < size1 <= size2: see
    `verify_consistency`.
    """
    _check_sizes(size1, size2)
    siblings: Plan = []
    start, stop = 0, size2
    while stop != size1:
        middle = _middle(start, stop)
        if size1 <= middle:
            siblings.append(_cover(middle, stop))
            stop = middle
        else:
            siblings.append(_cover(start, middle))
            start = middle
    # The subtree where the old tree ends. From leaf 0 on it is the old tree itself, whose root the
    # reader has.
    if start:
        siblings.append(_cover(start, stop))
    return siblings[::-1]


def read_proof(plan: Plan, read: Callable[[list[Node]], Sequence[bytes]]) -> list[bytes]:
    """Return the proof that a plan describes.

    `read` is called once, and returns the hashes of the nodes in their order.
    """
    hashes = iter(read([node for part in plan for node in part]))
    return [fold(list(islice(hashes, len(part)))) for part in plan]


def _middle(start: int, stop: int) -> int:
    """Return where the subtree over the leaves from `start` to `stop`, two at least, is split."""
    return start + (1 << ((stop - start - 1).bit_length() - 1))


def _cover(start: int, stop: int) -> tuple[Node, ...]:
    """Return the full subtrees over the leaves from `start` to `stop`.

    A subtree of the whole begins at `start`.
    """
    nodes = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return tuple(nodes)


# Proofs


def inclusion_proof(leaves: Sequence[bytes], index: int, size: int) -> list[bytes]:
    """Return the proof that the leaf at `index` is in the tree over the first `size` of the leaves.

    Hashes all `size` leaves; a store reads `inclusion_nodes` instead. Raises ProofError unless 0 <=
    index < size <= len(leaves).
    """
    return read_proof(inclusion_nodes(index, size), lambda nodes: _compute(leaves, size, nodes))


def consistency_proof(leaves: Sequence[bytes], size1: int, size2: int) -> list[bytes]:
    """Return the proof that the tree over `size2` leaves carries on that over `size1`.

    Each is over so many of the first leaves. Hashes all `size2` leaves; a store reads
    `consistency_nodes` instead. Raises ProofError unless 0 < size1 <= size2 <= len(leaves).
    """
    return read_proof(consistency_nodes(size1, size2), lambda nodes: _compute(leaves, size2, nodes))


def _compute(leaves: Sequence[bytes], size: int, nodes: list[Node]) -> list[bytes]:
    if size > len(leaves):
        raise ProofError(f"no tree of {size} over {len(leaves)} entries")
    return [root(leaves[index << level : (index + 1) << level]) for level, index in nodes]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Return when the proof shows that `leaf` is at `index` in the tree of `size` with this root.

    By RFC 9162 2.1.3.2. Raises ProofError otherwise. In the empty tree there is nothing, so size 0
    is always refused.
    """
    # 1. The index lies in the tree, and all hashes are hashes: a longer one could stand for two.
    if not 0 <= index < size:
        raise ProofError(f"no entry {index} in a tree of {size}")
    _check_hashes((leaf, *proof))
    # 2. The path from the leaf upwards, beside the path from the last leaf.
    at, last, hashed = index, size - 1, leaf
    # 3. Each hash is a sibling, on the left where the path is a right child, or the last of its
    #    level.
    for sibling in proof:
        if last == 0:
            raise ProofError(f"the proof of entry {index} in a tree of {size} is too long")
        if at & 1 or at == last:
            hashed = node_hash(sibling, hashed)
            at, last = _skip_levels_without_sibling(at, last)
        else:
            hashed = node_hash(hashed, sibling)
        at, last = at >> 1, last >> 1
    # 4. It ends at the root.
    if last or hashed != root:
        raise ProofError(
            f"the proof of entry {index} in a tree of {size} does not lead to the root"
        )


def verify_consistency(
    size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes
) -> None:
    """Return when the proof shows that the tree with `root2` carries on that with `root1`.

    They are the trees of `size2` and of `size1`. By RFC 9162 2.1.4.2. Raises ProofError otherwise,
    and always for size 0: every tree carries on the empty one, so that proof would be empty and
    show nothing (as transparency-dev/merkle has it). Where a protocol begins at 0, such as
    tlog-witness, its caller looks at the size first. Trees of one size need an empty proof and
    equal roots.
    """
    # 1. The sizes make sense; of one size the proof is empty, of two it is not, and all hashes are
    #    hashes.
    _check_sizes(size1, size2)
    wrong = f"the proof from a tree of {size1} to one of {size2}"
    if size1 == size2:
        if proof or root1 != root2:
            raise ProofError(
                f"two trees of {size1} have different roots"
                if root1 != root2
                else f"{wrong} is not empty"
            )
        return
    if not proof:
        raise ProofError(f"{wrong} is empty")
    _check_hashes((root1, root2, *proof))
    # 2. The path begins at the subtree where the old tree ends: the whole of it, known to us, or
    #    the first of the proof.
    first, *siblings = (root1, *proof) if size1.bit_count() == 1 else proof
    at, last = size1 - 1, size2 - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    # 3. What lies on the left is in both trees, what lies on the right only in the new one.
    hashed1 = hashed2 = first
    for sibling in siblings:
        if last == 0:
            raise ProofError(f"{wrong} is too long")
        if at & 1 or at == last:
            hashed1, hashed2 = node_hash(sibling, hashed1), node_hash(sibling, hashed2)
            at, last = _skip_levels_without_sibling(at, last)
        else:
            hashed2 = node_hash(hashed2, sibling)
        at, last = at >> 1, last >> 1
    # 4. It ends at both roots.
    if last or hashed1 != root1 or hashed2 != root2:
        raise ProofError(f"{wrong} does not lead to both roots")


def _skip_levels_without_sibling(at: int, last: int) -> tuple[int, int]:
    """Return the path from where it has a left sibling.

    At the right edge it has none in the levels below.
    """
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _check_sizes(size1: int, size2: int) -> None:
    if not 0 < size1 <= size2:
        raise ProofError(f"no proof leads from a tree of {size1} to one of {size2}")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if not {32}.issuperset(map(len, hashes)):
        raise ProofError("a hash of the tree is 32 bytes")
