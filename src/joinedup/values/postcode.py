"""UK postcodes: an outward part (area and district) and an inward part (sector and unit).

Source: Royal Mail's postcode formats A9 9AA, A99 9AA, AA9 9AA, AA99 9AA, A9A 9AA, AA9A 9AA, the letters
not used in the inward part (C I K M O V), and the list of postcode areas below (2026). Beside them: GIR 0AA,
BFPO numbers, overseas territories, and the NHS's made-up codes that begin ZZ99 and such.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt

from joinedup.values.byte_column import Bytes, Mask, byte_set
from joinedup.values.judged import Judged, invalid, mended, missing, valid
from joinedup.values.look_alike import DIGIT_FOR, LETTERS_FOR, exchanges
from joinedup.values.written_code import bare_code, is_one_digit_repeated

_AREAS = """AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC
EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS
LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP
SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"""
AREAS = frozenset(_AREAS.split())
# Areas that are no place: business (BX), forces (BF), large returns (XX), Gibraltar (GX).
SPECIAL_AREAS = frozenset({"BX", "BF", "XX", "GX"})
TERRITORIES = frozenset({"ASCN", "BBND", "BIQQ", "FIQQ", "PCRN", "SIQQ", "STHL", "TDCU", "TKCA"})
MOST_EXCHANGES = 2  # with more, the form proves little
INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
# Districts that end in a letter (E1W, N1C, W1A, EC1A…) exist in London alone, with these letters.
LETTERED_AREAS = {
    "E": "W",
    "N": "CP",
    "W": "ABCDEFGHJKPSTUW",
    "EC": "ABEHMNPRVWXY",
    "NW": "W",
    "SE": "P",
    "SW": "AEHPVWXY",
    "WC": "ABEHMNPRVWXY",
}
_OUTWARD = re.compile(r"([A-Z]{1,2})(0|[1-9][0-9]?|[0-9][A-Z])", re.ASCII)
_INWARD = re.compile(rf"[0-9][{INWARD_LETTERS}]{{2}}", re.ASCII)
_BFPO = re.compile(r"BFPO(?:C/O)?([0-9]{1,4})", re.ASCII)
_PSEUDO = re.compile(r"ZZ99[0-9][A-Z]{2}", re.ASCII)

_DIGIT_SET = byte_set("0123456789")
_INWARD_SET = byte_set(INWARD_LETTERS)
_ALPHABET = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PLACE = np.zeros(256, np.int32)
_PLACE[list(_ALPHABET.encode())] = np.arange(len(_ALPHABET))


def is_outward(code: str) -> bool:
    """Whether a text is an area that exists with a district of the right form.

    >>> is_outward("SW1A"), is_outward("LS12"), is_outward("QQ1"), is_outward("LS01")
    (True, True, False, False)
    """
    shape = _OUTWARD.fullmatch(code)
    if shape is None:
        return False
    area, district = shape.groups()
    if district[-1].isalpha():
        return district[-1] in LETTERED_AREAS.get(area, "")
    return area in AREAS or area in SPECIAL_AREAS


def is_postcode(code: str) -> bool:
    """Whether a text is a postcode in its standard writing, "SW1A 1AA" with one space.

    >>> is_postcode("SW1A 1AA"), is_postcode("sw1a1aa"), is_postcode("GIR 0AA")
    (True, False, True)
    """
    outward, space, inward = code.partition(" ")
    if not space or _INWARD.fullmatch(inward) is None:
        return False
    return is_outward(outward) or code == "GIR 0AA" or (outward in TERRITORIES and inward == "1ZZ")


@cache
def _outward_table() -> Mask:
    """For every four characters, packed: whether they (padded with spaces) are an outward part in use."""
    table = np.zeros(len(_ALPHABET) ** 4, np.bool_)
    districts = [
        *map(str, range(100)),
        *(f"{digit}{letter}" for digit in range(10) for letter in _ALPHABET[11:]),
    ]
    codes = [area + district for area in AREAS for district in districts if is_outward(area + district)]
    matrix = np.array([list(code.ljust(4).encode()) for code in codes], np.uint8)
    table[_packed(matrix)] = True
    return table


def _packed(matrix: Bytes) -> npt.NDArray[np.int32]:
    packed = np.zeros(len(matrix), np.int32)
    for place in range(4):
        packed *= len(_ALPHABET)
        if place < matrix.shape[1]:
            packed += _PLACE[matrix[:, place]]
    return packed


def postcodes_possible(matrix: Bytes, *, outward: int) -> Mask:
    """For rows of ASCII capitals and digits, `outward` + 3 wide, without a space: which are geographic codes.

    Only geographic postcodes are true; special ones need `judge_postcode`.
    """
    digit, first, second = matrix[:, outward], matrix[:, outward + 1], matrix[:, outward + 2]
    inward = _DIGIT_SET[digit] & _INWARD_SET[first] & _INWARD_SET[second]
    result: Mask = inward & _outward_table()[_packed(matrix[:, :outward])]
    return result


def judge_postcode(text: str) -> Judged:
    """Judge one postcode as somebody wrote it; the value has one space before its last three characters.

    Look-alikes are exchanged where exactly one reading is a postcode of an area that exists.

    >>> judge_postcode("sw1a1aa")
    Judged(value='SW1A 1AA', status=<FieldStatus.MENDED: 1>, reason='spacing')
    >>> judge_postcode("LSI 4DY")
    Judged(value='LS1 4DY', status=<FieldStatus.MENDED: 1>, reason='ocr_by_position')
    >>> judge_postcode("ZZ99 3VZ").reason
    'pseudo_postcode'
    """
    code, remark = bare_code(text)
    if not code:
        return missing()
    if is_one_digit_repeated(code):
        return missing("repeated_digit")
    bfpo = _BFPO.fullmatch(code)
    if bfpo:
        return valid(f"BFPO {int(bfpo.group(1))}", "special_postcode")
    if not code.isascii():
        return invalid("wrong_characters")
    if not 5 <= len(code) <= 7:
        return invalid("wrong_length")
    spaced = f"{code[:-3]} {code[-3:]}"
    if _PSEUDO.fullmatch(code):
        return _in_order(text, spaced, remark, "pseudo_postcode")
    if is_postcode(spaced):
        geographic = code[:2] in AREAS or not code[1].isalpha()
        return _in_order(text, spaced, remark, None if geographic else "special_postcode")
    readings = _readings(code)
    if len(readings) == 1:
        return mended(readings[0], "ocr_by_position")
    if readings:
        return invalid("position_ambiguous")
    right_shape = _INWARD.fullmatch(code[-3:]) and _OUTWARD.fullmatch(code[:-3])
    return invalid("area_not_used" if right_shape else "wrong_format")


def _in_order(text: str, spaced: str, remark: str | None, caution: str | None) -> Judged:
    if caution is not None:
        return valid(spaced, caution)
    if remark:
        return mended(spaced, remark)
    return valid(spaced) if text.strip().upper() == spaced else mended(spaced, "spacing")


def _readings(code: str) -> list[str]:
    """Every postcode that the code can be read as with the fewest exchanges, two at most."""
    if code.isdigit():
        return []
    inward = [
        _as_digit(code[-3]),
        *[_as_inward_letter(character) for character in code[-2:]],
    ]
    outward = [[character, *_exchanged(character)] for character in code[:-3]]
    found: dict[str, int] = {}
    for characters in product(*outward, *inward):
        reading = "".join(characters)
        spaced = f"{reading[:-3]} {reading[-3:]}"
        if is_postcode(spaced):
            found[spaced] = exchanges(code, reading)
    fewest = min(found.values(), default=0)
    return [spaced for spaced, changes in found.items() if changes == fewest <= MOST_EXCHANGES]


def _exchanged(character: str) -> list[str]:
    if character.isdigit():
        return list(LETTERS_FOR.get(character, ""))
    return [DIGIT_FOR[character]] if character in DIGIT_FOR else []


def _as_digit(character: str) -> list[str]:
    return [character] if character.isdigit() else _exchanged(character)


def _as_inward_letter(character: str) -> list[str]:
    return [character] if character.isalpha() else _exchanged(character)
