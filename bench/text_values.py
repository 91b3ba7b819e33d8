"""Made-up values of UK identifiers with right check digits, written the ways that people write them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from joinedup.values.nhs_number import nhs_check_digit
from joinedup.values.nino import FIRST_LETTERS, SECOND_LETTERS, is_nino
from joinedup.values.upn import upn_check_letter
from joinedup.values.utr import utr_check_digit

OUTWARD = [
    "LS1",
    "LS12",
    "M1",
    "M14",
    "SW1A",
    "EC1A",
    "W1A",
    "B33",
    "CR2",
    "DN55",
    "CF10",
    "LL55",
    "SA1",
    "NP20",
    "LD1",
    "BT7",
    "EH1",
    "G2",
    "AB10",
    "NE1",
    "PL4",
    "TR1",
    "NR3",
    "OX4",
]
FIRST = [
    "Ayesha",
    "Gareth",
    "Mohammed",
    "Siân",
    "Oluwaseun",
    "Margaret",
    "Piotr",
    "Chloe",
    "Rhys",
    "Priya",
    "Declan",
    "Wei",
    "Fatima",
    "Tom",
    "Agnieszka",
    "Kwame",
    "Delyth",
    "Harpreet",
    "Owen",
    "Beatriz",
    "Callum",
    "Yusuf",
    "Eleri",
    "Ngozi",
    "Stephen",
    "Mei",
    "Lowri",
    "Dmitri",
    "Joan",
    "Tariq",
]
LAST = [
    "Hussain",
    "Pritchard",
    "O'Neill",
    "Adeyemi",
    "Kowalski",
    "Patel",
    "Llewellyn",
    "McAllister",
    "Smith",
    "Begum",
    "Jones",
    "Chukwu",
    "Davies",
    "Singh",
    "Thompson",
    "Griffiths",
    "Nowak",
    "Green",
    "Zhang",
    "Evans",
    "Murphy",
    "Fernandez",
    "Wood",
    "Bevan",
    "Walker",
    "Rahman",
    "Kaur",
    "Hughes",
    "Whitfield",
    "Ofori",
]
STREETS = [
    "High Street",
    "Station Road",
    "Church Lane",
    "Victoria Avenue",
    "Mill Close",
    "Park View",
    "Heol y Bont",
    "Ffordd Las",
    "Stryd Fawr",
    "The Green",
    "Kingsway",
    "Manor Drive",
    "Beech Grove",
    "Queens Crescent",
    "Tan y Bryn",
]
TOWNS = [
    "Leeds",
    "Cardiff",
    "Caernarfon",
    "Stoke-on-Trent",
    "Swansea",
    "Hull",
    "Merthyr Tydfil",
    "Bury St Edmunds",
    "Norwich",
    "Belfast",
]


def digits(rng: random.Random, count: int, first: str = "0123456789") -> str:
    return rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(count - 1))


def in_groups(text: str, sizes: Iterable[int], sign: str = " ") -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return sign.join([*parts, text[at:]] if at < len(text) else parts)


def nino(rng: random.Random) -> str:
    code = ""
    while not is_nino(code):
        code = rng.choice(FIRST_LETTERS) + rng.choice(SECOND_LETTERS) + digits(rng, 6) + rng.choice("ABCD")
    return rng.choice(
        [
            code,
            code,
            in_groups(code, (2, 2, 2, 2, 1)),
            in_groups(code, (2, 2, 2, 2, 1)).lower(),
            code.lower(),
            in_groups(code, (2, 6, 1)),
            in_groups(code, (2, 2, 2, 2, 1), "-"),
        ]
    )


def nhs_number(rng: random.Random) -> str:
    check = None
    while check is None:
        nine = digits(rng, 9, "467")
        check = nhs_check_digit(nine)
    ten = f"{nine}{check}"
    return rng.choice(
        [ten, in_groups(ten, (3, 3, 4)), in_groups(ten, (3, 3, 4)), in_groups(ten, (3, 3, 4), "-")]
    )


def utr(rng: random.Random) -> str:
    nine = digits(rng, 9)
    ten = f"{utr_check_digit(nine)}{nine}"
    return rng.choice([ten, ten, in_groups(ten, (5, 5)), ten + "K"])


def upn(rng: random.Random) -> str:
    twelve = digits(rng, 12)
    code = upn_check_letter(twelve) + twelve
    return rng.choice([code, code, code.lower()])


def postcode(rng: random.Random) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    inward = rng.choice("123456789") + rng.choice(letters) + rng.choice(letters)
    outward = rng.choice(OUTWARD)
    return rng.choice(
        [f"{outward} {inward}", f"{outward} {inward}", outward + inward, f"{outward} {inward}".lower()]
    )


def phone(rng: random.Random) -> str:
    mobile = "07700900" + digits(rng, 3)
    tail = mobile[1:]
    land = rng.choice(["0113496", "0161496", "0207946", "0292018"]) + digits(rng, 4, "0")
    return rng.choice(
        [
            mobile,
            in_groups(mobile, (5, 6)),
            in_groups(mobile, (5, 3, 3)),
            f"+44 {in_groups(tail, (4, 6))}",
            "+44" + tail,
            f"+44 (0){in_groups(tail, (4, 6))}",
            in_groups(mobile, (5, 3, 3), "-"),
            land,
            in_groups(land, (4, 3, 4)),
            in_groups(land, (3, 4, 4)),
            f"({land[:4]}) {land[4:7]} {land[7:]}",
            "01632 960" + digits(rng, 3),
        ]
    )


def email(rng: random.Random) -> str:
    first, last = rng.choice(FIRST).lower().replace("â", "a"), rng.choice(LAST).lower().replace("'", "")
    domain = rng.choice(["example.com", "example.org.uk", "mail.example.net", "post.example.wales"])
    name = rng.choice(
        [f"{first}.{last}", f"{first}{digits(rng, 2)}", f"{first}_{last}", f"{first}+gov", last.title()]
    )
    return f"{name}@{domain}"


def card(rng: random.Random) -> str:
    fifteen = rng.choice(["4", "51", "52", "55"])
    fifteen += digits(rng, 15 - len(fifteen))
    doubled = [int(digit) * 2 for digit in fifteen[::-2]]
    total = sum(value - 9 if value > 9 else value for value in doubled) + sum(map(int, fifteen[-2::-2]))
    number = fifteen + str(-total % 10)
    return rng.choice([number, in_groups(number, (4, 4, 4, 4)), in_groups(number, (4, 4, 4, 4), "-")])


def sort_code(rng: random.Random) -> str:
    six = digits(rng, 6, "123456789")
    return rng.choice(
        [in_groups(six, (2, 2, 2), "-"), in_groups(six, (2, 2, 2), "-"), in_groups(six, (2, 2, 2)), six]
    )


def account_number(rng: random.Random) -> str:
    eight = digits(rng, 8)
    return rng.choice([eight, eight, eight, in_groups(eight, (4, 4))])


def passport(rng: random.Random) -> str:
    return rng.choice(
        [digits(rng, 9, "123456789"), digits(rng, 9, "123456789"), in_groups(digits(rng, 9, "5"), (3, 3, 3))]
    )


def driving_licence(rng: random.Random) -> str:
    surname = rng.choice(LAST).upper().replace("'", "")[:5].ljust(5, "9")
    month = rng.randint(1, 12) + rng.choice([0, 50])
    six = f"{rng.randint(0, 9)}{month:02d}{rng.randint(1, 28):02d}{rng.randint(0, 9)}"
    tail = (
        rng.choice("ABCDEFGHJKLM")
        + rng.choice("9ABCDEJLMRS")
        + rng.choice("9")
        + rng.choice("ABCDEFGH")
        + rng.choice("ABCYZ")
    )
    code = surname + six + tail
    return rng.choice([code, code, in_groups(code, (5, 6, 5)), code.lower(), code + " 17"])


def vehicle(rng: random.Random) -> str:
    three = "".join(rng.choice("ABCDEFGHJKLMNOPRSTUVWXYZ") for _ in range(3))
    two = rng.choice("ABCDEFGHKLMNOPRSVWY") + rng.choice("ABCDEFGHJKLMNOPRSTUVWXY")
    now = f"{two}{rng.choice([*range(10, 27), *range(51, 77)]):02d}"
    return rng.choice(
        [
            f"{now} {three}",
            f"{now} {three}",
            now + three,
            (now + three).lower(),
            f"{rng.choice('ABCDEFGHJKLMNPRSTVWXY')}{rng.randint(100, 999)} {three}",
        ]
    )


def ip_address(rng: random.Random) -> str:
    four = ".".join(str(rng.randint(1, 254)) for _ in range(4))
    six = "2001:db8:" + ":".join(f"{rng.randint(1, 65535):x}" for _ in range(6))
    return rng.choice([four, four, four, six])


def date_of_birth(rng: random.Random) -> str:
    year, month, day = rng.randint(1935, 2016), rng.randint(1, 12), rng.randint(1, 28)
    words = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return rng.choice(
        [
            f"{day:02d}/{month:02d}/{year}",
            f"{day}/{month}/{year}",
            f"{day:02d}-{month:02d}-{year}",
            f"{day} {words[month - 1]} {year}",
            f"{day:02d}.{month:02d}.{year}",
            f"{day:02d}/{month:02d}/{year % 100:02d}",
            f"{day} {words[month - 1][:3]} {year}",
            f"{words[month - 1]} {day}, {year}",
            f"{year}-{month:02d}-{day:02d}",
        ]
    )


def case_reference(rng: random.Random) -> str:
    letters = "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(3))
    return rng.choice(
        [
            f"{letters[:2]}/{rng.randint(2021, 2026)}/{digits(rng, 6)}",
            f"{letters}-{digits(rng, 5)}-{letters[0]}{digits(rng, 1)}",
            f"{rng.randint(21, 26)}/{digits(rng, 5)}/FUL",
            digits(rng, 7, "123456789"),
            digits(rng, 8, "1234567"),
            f"{letters}{digits(rng, 6)}",
            f"{letters[:2]} {digits(rng, 7)}",
            f"CAS-{digits(rng, 6)}",
            f"FOI{rng.randint(2021, 2026)}/{digits(rng, 4)}",
        ]
    )


def name(rng: random.Random) -> str:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    return rng.choice(
        [
            f"{first} {last}",
            f"{first} {last}",
            first,
            f"{rng.choice(['Mr', 'Mrs', 'Ms', 'Dr'])} {last}",
            f"{first} {last}".lower(),
        ]
    )


def address(rng: random.Random) -> str:
    street = f"{rng.randint(1, 180)}{rng.choice(['', '', '', 'a', 'B'])} {rng.choice(STREETS)}"
    flat = rng.choice(["", "", "", f"Flat {rng.randint(1, 30)}, "])
    town = rng.choice(TOWNS)
    return rng.choice(
        [f"{flat}{street}, {town}", f"{flat}{street}, {town} {rng.choice(OUTWARD)} 2AB", f"{flat}{street}"]
    )


MAKERS: dict[str, Callable[[random.Random], str]] = {
    maker.__name__: maker
    for maker in (
        nino,
        nhs_number,
        utr,
        upn,
        postcode,
        phone,
        email,
        card,
        sort_code,
        account_number,
        passport,
        driving_licence,
        vehicle,
        ip_address,
        date_of_birth,
        case_reference,
        name,
        address,
    )
}
