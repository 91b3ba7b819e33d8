"""The demonstration population: a fictional county, its people, and the records kept about them."""

from joinedup.people.county.linkage_table import LinkageTable, linkage_pair, linkage_table
from joinedup.people.county.observe import Habits
from joinedup.people.county.population import Population, population, population_blocks

__all__ = [
    "Habits",
    "LinkageTable",
    "Population",
    "linkage_pair",
    "linkage_table",
    "population",
    "population_blocks",
]
