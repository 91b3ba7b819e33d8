"""Check digits once more, the slow and literal way, from the published rules: a twin for the quick ones."""

from __future__ import annotations


def nhs_number_agrees(digits: str) -> bool:
    """NHS Data Dictionary, steps 1 to 5, by hand."""
    total = 0
    weight = 10
    for digit in digits[:9]:
        total = total + int(digit) * weight
        weight = weight - 1
    remainder = total % 11
    check = 11 - remainder
    if check == 11:
        check = 0
    if check == 10:
        return False
    return check == int(digits[9])


def utr_agrees(digits: str) -> bool:
    """The table of remainders as HMRC's algorithm is generally printed."""
    weights = [6, 7, 8, 9, 10, 5, 4, 3, 2]
    printed = ["2", "1", "9", "8", "7", "6", "5", "4", "3", "2", "1"]
    total = 0
    for place in range(9):
        total = total + weights[place] * int(digits[place + 1])
    return printed[total % 11] == digits[0]


def upn_agrees(code: str) -> bool:
    """The DfE guide: multiply characters 2 to 13 by 2 to 13, divide by 23, look the remainder up."""
    letters = {
        0: "A", 1: "B", 2: "C", 3: "D", 4: "E", 5: "F", 6: "G", 7: "H", 8: "J", 9: "K", 10: "L", 11: "M",
        12: "N", 13: "P", 14: "Q", 15: "R", 16: "T", 17: "U", 18: "V", 19: "W", 20: "X", 21: "Y", 22: "Z",
    }  # fmt: skip
    worth = {letter: remainder for remainder, letter in letters.items()}
    total = 0
    for place in range(1, 13):
        character = code[place]
        total = total + (int(character) if character.isdigit() else worth[character]) * (place + 1)
    return letters[total % 23] == code[0]
