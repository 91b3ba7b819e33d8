"""Texts to vectors, on this machine."""

from joinedup.text.embed.embedder import DeepEmbedder, Embedder, OnProgress, Vectors
from joinedup.text.embed.fetch import fetch_minilm, is_minilm_in_place
from joinedup.text.embed.minilm import best_embedder, minilm_folder, open_minilm

__all__ = [
    "DeepEmbedder",
    "Embedder",
    "OnProgress",
    "Vectors",
    "best_embedder",
    "fetch_minilm",
    "is_minilm_in_place",
    "minilm_folder",
    "open_minilm",
]
