"""The Merkle tree of RFC 6962 section 2.1: roots and proofs over leaf hashes.

Two short proofs come from it. Inclusion: this event is in the record that a checkpoint signed. Consistency: the
record of an earlier checkpoint is the beginning of a later one's, so nothing was changed or taken out between.

Leaves are numbered from 0. A tree of ten million leaves is never held in memory: leaf hashes are asked for one
at a time, and a caller that keeps the roots of complete subtrees offers them as `kept`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from joinedup.audit.error import AuditError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962 section 2.1)."""

LeafHashes = Callable[[int], bytes] | Sequence[bytes]
"""Leaf hashes by number: a sequence, or a function that looks one up."""

KeptSubtree = Callable[[int, int], bytes | None]
"""Looks up the root of a complete subtree: kept(level, index) covers the 2**level leaves from index * 2**level.
None where it is not kept."""

_SIZE_BYTES = 8


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 of a zero byte and the entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of a one byte and both children, so that no node can pass for a leaf."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """What is needed to go on with a tree: the roots of its complete subtrees, at most one a level.

    It grows by appending and is kept in a database as a few hundred bytes, however large the tree is.
    """

    __slots__ = ("_roots", "_size")

    def __init__(self) -> None:
        self._roots: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the end."""
        size, roots = self._size, self._roots
        while size & 1:
            leaf = sha256(b"\x01" + roots.pop() + leaf).digest()
            size >>= 1
        roots.append(leaf)
        self._size += 1

    def append_and_tell(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add one leaf hash and return the subtrees that it completes, as (level, index, root), the leaf first.

        What a caller stores of these comes back to proofs as `kept`. Every eighth level is a good choice: a
        proof then asks for a few hundred hashes, and they take 1/255 of the room of the leaves.
        """
        told = [(0, self._size, leaf)]
        size, above = self._size, leaf
        for level, left in enumerate(
            reversed(self._roots[len(self._roots) - _trailing_ones(size) :]), start=1
        ):
            above = node_hash(left, above)
            told.append((level, size >> level, above))
        self.append(leaf)
        return told

    def root(self) -> bytes:
        """The tree's root hash."""
        if not self._roots:
            return EMPTY_ROOT
        root = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """The size as eight bytes, big end first, and the subtree roots from the left."""
        return self._size.to_bytes(_SIZE_BYTES, "big") + b"".join(self._roots)

    @classmethod
    def from_bytes(cls, kept: bytes) -> Frontier:
        """What `to_bytes` wrote; raises AuditError where its length and its size disagree."""
        frontier = cls()
        size = int.from_bytes(kept[:_SIZE_BYTES], "big")
        roots = kept[_SIZE_BYTES:]
        if len(kept) < _SIZE_BYTES or len(roots) != size.bit_count() * HASH_BYTES:
            raise AuditError(
                what="the kept edge of the Merkle tree is damaged",
                mend="build it anew from the recorded events",
            )
        frontier._size = size
        frontier._roots = [roots[at : at + HASH_BYTES] for at in range(0, len(roots), HASH_BYTES)]
        return frontier

    def copy(self) -> Frontier:
        """Another frontier of the same tree, which grows by itself."""
        other = Frontier()
        other._size, other._roots = self._size, list(self._roots)
        return other


def root(leaves: LeafHashes, size: int, *, kept: KeptSubtree | None = None) -> bytes:
    """The root hash of the first `size` leaves."""
    return _range_root(_asked(leaves), 0, size, kept)


def inclusion_proof(
    leaves: LeafHashes, *, index: int, size: int, kept: KeptSubtree | None = None
) -> tuple[bytes, ...]:
    """The hashes that lead from leaf `index` to the root of the first `size` leaves (RFC 6962 section 2.1.1).

    At most log2(size), rounded up. Without `kept` every leaf is asked for once.

    Raises AuditError where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise AuditError(
            what=f"there is no leaf {index} in a tree of {size}", mend="give one that is there, from 0"
        )
    leaf, proof = _asked(leaves), []
    first, last = 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            proof.append(_range_root(leaf, middle, last, kept))
            last = middle
        else:
            proof.append(_range_root(leaf, first, middle, kept))
            first = middle
    return tuple(reversed(proof))


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that a leaf hash stands at `index` in the tree with that size and root.

    By the steps of RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(part, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, part)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def consistency_proof(
    leaves: LeafHashes, *, first: int, second: int, kept: KeptSubtree | None = None
) -> tuple[bytes, ...]:
    """The hashes that show a tree of `first` leaves to be the beginning of one of `second` (section 2.1.2).

    Empty where the sizes are equal, or the first is 0.

    Raises AuditError where the first tree is larger than the second.
    """
    if not 0 <= first <= second:
        raise AuditError(
            what=f"a tree of {first} leaves cannot be the beginning of one of {second}",
            mend="give the smaller size first",
        )
    if first in (0, second):
        return ()
    leaf, proof = _asked(leaves), []
    start, end = 0, second
    # Down to the subtree whose right edge is the end of the first tree.
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            proof.append(_range_root(leaf, middle, end, kept))
            end = middle
        else:
            proof.append(_range_root(leaf, start, middle, kept))
            start = middle
    if start:  # at the left edge the verifier knows it already: it is the first tree's root
        proof.append(_range_root(leaf, start, end, kept))
    return tuple(reversed(proof))


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that the first tree is the beginning of the second.

    By the steps of RFC 9162 section 2.1.4.2. A tree without leaves begins every other.
    """
    if not 0 <= first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    of_first = of_second = path[0]
    for part in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            of_first = node_hash(part, of_first)
            of_second = node_hash(part, of_second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            of_second = node_hash(of_second, part)
        node, last = node >> 1, last >> 1
    return last == 0 and of_first == first_root and of_second == second_root


def _asked(leaves: LeafHashes) -> Callable[[int], bytes]:
    return leaves if callable(leaves) else leaves.__getitem__


def _trailing_ones(size: int) -> int:
    return ((size + 1) & -(size + 1)).bit_length() - 1


def _split(size: int) -> int:
    """The largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _range_root(leaf: Callable[[int], bytes], first: int, last: int, kept: KeptSubtree | None) -> bytes:
    """The root over leaves first … last - 1; first is a multiple of the largest power of two below the size."""
    size = last - first
    if kept is None or size <= 1:
        frontier = Frontier()
        for number in range(first, last):
            frontier.append(leaf(number))
        return frontier.root()
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        found = kept(level, first >> level)
        if found is not None:
            return found
    middle = first + _split(size)
    return node_hash(_range_root(leaf, first, middle, kept), _range_root(leaf, middle, last, kept))
