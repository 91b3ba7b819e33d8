"""Texts to vectors, on this machine."""

from joinedup.text.embed.embedder import Embedder, OnProgress, Vectors
from joinedup.text.embed.minilm import best_embedder, minilm_folder, open_minilm

__all__ = ["Embedder", "OnProgress", "Vectors", "best_embedder", "minilm_folder", "open_minilm"]
