"""Linking without names: each organisation encodes at home, a third party links the encodings alone."""

from joinedup.linkage.private.agreement import (
    Cut,
    Filter,
    Hardening,
    LinkageAgreement,
    Part,
    Token,
)
from joinedup.linkage.private.encode import Encoded, encode_file
from joinedup.linkage.private.encoded_file import EncodedHead, check_together, read_head
from joinedup.linkage.private.open_links import Opened, open_links
from joinedup.linkage.private.read_agreement import agreement_from_dict, load_agreement
from joinedup.linkage.private.secret import Secret, new_secret, read_secret, write_secret
from joinedup.linkage.private.starting import starting_agreement
from joinedup.linkage.private.third_party import PrivateResult, link_encoded

__all__ = [
    "Cut",
    "Encoded",
    "EncodedHead",
    "Filter",
    "Hardening",
    "LinkageAgreement",
    "Opened",
    "Part",
    "PrivateResult",
    "Secret",
    "Token",
    "agreement_from_dict",
    "check_together",
    "encode_file",
    "link_encoded",
    "load_agreement",
    "new_secret",
    "open_links",
    "read_head",
    "read_secret",
    "starting_agreement",
    "write_secret",
]
