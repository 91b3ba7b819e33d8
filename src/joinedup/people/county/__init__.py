"""The demonstration population: a fictional county, its people, and the records kept about them."""

from joinedup.people.county.linkage_files import write_linkage_tables
from joinedup.people.county.linkage_table import LinkageTable, linkage_pair, linkage_table
from joinedup.people.county.observe import Habits
from joinedup.people.county.organisations import ORGANISATIONS, Part, extract
from joinedup.people.county.population import Population, population, population_blocks
from joinedup.people.county.write import CountyFiles, write_county

__all__ = [
    "ORGANISATIONS",
    "CountyFiles",
    "Habits",
    "LinkageTable",
    "Part",
    "Population",
    "extract",
    "linkage_pair",
    "linkage_table",
    "population",
    "population_blocks",
    "write_county",
    "write_linkage_tables",
]
