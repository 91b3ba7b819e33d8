"""The tree against the test vectors of Certificate Transparency, and its kept edge."""

from __future__ import annotations

import pytest

from joinedup.audit import (
    AuditError,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves, roots and proofs of Google's certificate-transparency reference tests (merkletree).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_are_met(size):
    frontier = Frontier()
    for leaf in HASHES[:size]:
        frontier.append(leaf)

    assert frontier.root().hex() == ROOTS[size]
    assert root(HASHES, size).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_the_published_inclusion_proofs_are_met(index, size):
    proof = inclusion_proof(HASHES, index=index, size=size)

    assert [part.hex() for part in proof] == INCLUSION[index, size]
    assert verify_inclusion(
        leaf=HASHES[index], index=index, size=size, proof=proof, root=bytes.fromhex(ROOTS[size])
    )


@pytest.mark.parametrize(("first", "second"), CONSISTENCY)
def test_the_published_consistency_proofs_are_met(first, second):
    proof = consistency_proof(HASHES, first=first, second=second)

    assert [part.hex() for part in proof] == CONSISTENCY[first, second]
    assert verify_consistency(
        first=first,
        second=second,
        first_root=bytes.fromhex(ROOTS[first]),
        second_root=bytes.fromhex(ROOTS[second]),
        proof=proof,
    )


def test_the_kept_edge_goes_on_where_it_stopped():
    frontier = Frontier()
    for leaf in HASHES[:5]:
        frontier.append(leaf)

    again = Frontier.from_bytes(frontier.to_bytes())
    for leaf in HASHES[5:]:
        again.append(leaf)

    assert again.root().hex() == ROOTS[8]
    assert frontier.size == 5


@pytest.mark.parametrize("kept", [b"", b"\x00" * 7, (3).to_bytes(8, "big") + b"\x00" * 32])
def test_a_damaged_edge_is_refused(kept):
    with pytest.raises(AuditError, match="damaged"):
        Frontier.from_bytes(kept)


def test_proofs_of_a_large_tree_ask_for_few_hashes_where_subtrees_are_kept():
    size, frontier, kept, asked = 70_000, Frontier(), {}, []
    leaves = [leaf_hash(number.to_bytes(8, "big")) for number in range(size)]
    for leaf in leaves:
        for level, index, subtree in frontier.append_and_tell(leaf):
            if level in (8, 16):
                kept[level, index] = subtree

    def leaf_at(number):
        asked.append(number)
        return leaves[number]

    proof = inclusion_proof(leaf_at, index=12_345, size=size, kept=lambda *at: kept.get(at))
    assert verify_inclusion(leaf=leaves[12_345], index=12_345, size=size, proof=proof, root=frontier.root())
    assert len(asked) < 1_000

    asked.clear()
    first = root(leaf_at, 65_537, kept=lambda *at: kept.get(at))
    proof = consistency_proof(leaf_at, first=65_537, second=size, kept=lambda *at: kept.get(at))
    assert verify_consistency(
        first=65_537, second=size, first_root=first, second_root=frontier.root(), proof=proof
    )
    assert len(asked) < 1_000


@pytest.mark.parametrize("index", [-1, 8])
def test_a_leaf_that_is_not_there_has_no_proof(index):
    with pytest.raises(AuditError, match="no leaf"):
        inclusion_proof(HASHES, index=index, size=8)


def test_a_larger_tree_is_not_the_beginning_of_a_smaller_one():
    with pytest.raises(AuditError, match="beginning"):
        consistency_proof(HASHES, first=8, second=5)
    assert not verify_consistency(first=8, second=5, first_root=b"", second_root=b"", proof=())
