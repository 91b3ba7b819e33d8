"""`python -m joinedup.text.embed`: what `make setup` runs to have the model beside the installed packages."""

from joinedup.text.embed.fetch import fetch_minilm
from joinedup.text.embed.minilm import minilm_folder

fetch_minilm(minilm_folder())
