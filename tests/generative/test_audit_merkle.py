"""Trees and proofs against the recursion that RFC 6962 writes down, whatever the sizes."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from joinedup.audit import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

SIZES = st.integers(1, 70)


def leaves(size):
    return [leaf_hash(bytes([number % 251])) for number in range(size)]


def split(size):
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def plain_root(hashes):
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return sha256(b"\x01" + plain_root(hashes[:k]) + plain_root(hashes[k:])).digest()


def plain_path(index, hashes):
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if index < k:
        return [*plain_path(index, hashes[:k]), plain_root(hashes[k:])]
    return [*plain_path(index - k, hashes[k:]), plain_root(hashes[:k])]


def plain_proof(first, hashes, complete=True):
    if first == len(hashes):
        return [] if complete else [plain_root(hashes)]
    k = split(len(hashes))
    if first <= k:
        return [*plain_proof(first, hashes[:k], complete), plain_root(hashes[k:])]
    return [*plain_proof(first - k, hashes[k:], False), plain_root(hashes[:k])]


def kept_subtrees(hashes):
    """Every complete subtree of even level, as a caller may keep some of them."""
    frontier, kept = Frontier(), {}
    for leaf in hashes:
        for level, index, subtree in frontier.append_and_tell(leaf):
            assert subtree == plain_root(hashes[index << level : (index + 1) << level])
            if level % 2 == 0:
                kept[level, index] = subtree
    return lambda level, index: kept.get((level, index))


@given(st.integers(0, 70), st.data())
def test_the_edge_grows_to_the_plain_root(size, data):
    stop = data.draw(st.integers(0, size))
    frontier = Frontier()
    for leaf in leaves(size)[:stop]:
        frontier.append(leaf)
    frontier = Frontier.from_bytes(frontier.to_bytes())
    branch = frontier.copy()
    for leaf in leaves(size)[stop:]:
        frontier.append(leaf)

    assert frontier.root() == plain_root(leaves(size)) == root(leaves(size), size)
    assert branch.root() == plain_root(leaves(stop))
    assert root(leaves(size), size, kept=kept_subtrees(leaves(size))) == frontier.root()


@given(SIZES, st.data())
def test_inclusion_is_proved_as_the_standard_has_it_and_of_nothing_else(size, data):
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    top = plain_root(hashes)

    proof = inclusion_proof(hashes.__getitem__, index=index, size=size, kept=kept_subtrees(hashes))

    assert list(proof) == plain_path(index, hashes)
    assert verify_inclusion(leaf=hashes[index], index=index, size=size, proof=proof, root=top)
    assert not verify_inclusion(leaf=leaf_hash(b"no"), index=index, size=size, proof=proof, root=top)
    assert not verify_inclusion(leaf=hashes[index], index=index, size=size, proof=(*proof, top), root=top)
    assert not verify_inclusion(leaf=hashes[index], index=size, size=size, proof=proof, root=top)
    if proof:
        cut = data.draw(st.integers(0, len(proof) - 1))
        spoilt = (*proof[:cut], leaf_hash(b"no"), *proof[cut + 1 :])
        assert not verify_inclusion(leaf=hashes[index], index=index, size=size, proof=spoilt, root=top)
        assert not verify_inclusion(leaf=hashes[index], index=index, size=size, proof=proof[:-1], root=top)


@given(SIZES, st.data())
def test_consistency_is_proved_as_the_standard_has_it_and_of_no_other_beginning(second, data):
    hashes = leaves(second)
    first = data.draw(st.integers(1, second))
    given = {"first": first, "second": second, "second_root": plain_root(hashes)}
    beginning = plain_root(hashes[:first])

    proof = consistency_proof(hashes, first=first, second=second, kept=kept_subtrees(hashes))

    assert list(proof) == plain_proof(first, hashes)
    assert verify_consistency(**given, first_root=beginning, proof=proof)
    other = [*hashes[:first]]
    changed = data.draw(st.integers(0, first - 1))
    other[changed] = leaf_hash(b"changed")
    assert not verify_consistency(**given, first_root=plain_root(other), proof=proof)
    if proof:
        cut = data.draw(st.integers(0, len(proof) - 1))
        spoilt = (*proof[:cut], leaf_hash(b"no"), *proof[cut + 1 :])
        assert not verify_consistency(**given, first_root=beginning, proof=spoilt)
        assert not verify_consistency(**given, first_root=beginning, proof=proof[:-1])
    assert not verify_consistency(**given, first_root=beginning, proof=(*proof, beginning))


@given(st.integers(0, 70))
def test_an_empty_tree_begins_every_other(second):
    empty = sha256(b"").digest()

    assert verify_consistency(
        first=0, second=second, first_root=empty, second_root=plain_root(leaves(second)), proof=()
    )
