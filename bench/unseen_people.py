"""Eight small worlds of invented people that share nothing with the demonstration county or with each other.

Each differs in its schema, the habits of those who keep it and how its values go wrong. Names are lists of
this file's own (with a long tail of made-up surnames), everything is seeded, rows are shuffled, and the truth
stands apart: a record is known by its row number, which says nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

Row = dict[str, object]
People = list[tuple[int, Row]]  # (person, record)


def _words(text: str) -> list[str]:
    return text.split()


_MEN = _words("""Colin Derek Graham Barry Neil Gavin Rhys Owen Callum Finlay Angus Hamish Alistair Bertie Felix Rory
Dylan Ewan Gareth Howard Ivor Keith Lionel Malcolm Nigel Percy Quentin Rupert Stewart Terence Vernon Wilfred Adam Luke
Simon Martin Stephen Andrew Peter John Paul Mark David Ian Robert William James Thomas""")
_WOMEN = _words("""Brenda Doreen Fiona Gillian Heather Ingrid Jacqueline Kirsty Lorna Maureen Noreen Olive Pauline
Rhiannon Sheila Thelma Una Vera Winifred Yvonne Zara
Bethan Carys Elspeth Morag Isla Skye Freya Poppy Daisy Holly Ruth Naomi
Judith Miriam Helen Karen Susan Linda Margaret Patricia Janet Christine Ann Jane Sarah Emma Laura""")
_SURNAMES = _words("""Smith Jones Taylor Brown Davies Evans Thomas Wilson Roberts Johnson Lewis Walker Robinson Wood
Thompson White Watson Jackson Wright Green Harris Cooper King Lee Martin Clarke James Morgan Hughes Edwards Hill
Moore Clark Harrison Scott Young Morris Hall Ward Turner Carter Phillips Mitchell Patel Adams Campbell""")
_HEADS = _words("""Ash Black Brad Brock Cold Cram Dun East Fair Gar Had Hart Hether Ing Kil Lang Lin Mar Nether North
Oak Pen Rad Ravens Rush Shel Stan Thorn Under Wal West Whit Win Wood""")
_TAILS = _words("""bourne bury by combe cott den field ford gate ham hurst ley more ridge shaw
stead thwaite ton well worth""")
_STREETS = _words("""Station High Church Mill Victoria Albert Queen Park Chapel School Manor Orchard Quarry Abbey Castle
Beech Cedar Elm Larch Rowan Willow Hawthorn Nelson Wellington Gladstone Cromwell Livingstone Darwin""")
_WAYS = _words("Road Street Lane Avenue Close Drive Way Terrace Grove Crescent")
_TOWNS = _words("Ashcombe Brinfold Carrowby Dunmere Eastlow Farnhope Gildersley Harrowick Inglemoor Kestley")


@dataclass(frozen=True)
class World:
    """files: the job's inputs. truth: source, record_id, cluster. possible: whether anybody is there to be linked."""

    files: tuple[Path, ...]
    truth: Path
    possible: bool = True


class _Draw(random.Random):
    """Draws that several worlds need; nothing here knows any schema."""

    def skewed(self, values: list[str], power: float = 1.6) -> str:
        return values[int(len(values) * self.random() ** power)]

    def surname(self) -> str:
        made_up = self.choice(_HEADS) + self.choice(_TAILS)
        return made_up if self.random() < 0.55 else self.skewed(_SURNAMES)

    def given(self, sex: str) -> str:
        return self.skewed(_MEN if sex == "M" else _WOMEN, 1.2)

    def born(self, first: int, last: int) -> date:
        return date(first, 1, 1) + timedelta(days=self.randrange((last - first + 1) * 365))

    def digits(self, count: int) -> str:
        return "".join(self.choice("0123456789") for _ in range(count))

    def nhs_number(self) -> str:
        while True:
            body = str(self.randrange(4, 8)) + self.digits(8)
            check = 11 - sum(int(d) * (10 - i) for i, d in enumerate(body)) % 11
            if check != 10:
                return body + str(check % 11)

    def upn(self) -> str:
        body = "8" + self.digits(11)
        return (
            "ABCDEFGHJKLMNPQRTUVWXYZ"[sum(int(d) * w for d, w in zip(body, range(2, 14), strict=True)) % 23]
            + body
        )

    def nino(self) -> str:
        return (
            self.choice("ABCEHJLMPRST") + self.choice("ABCEHJLMPRST") + self.digits(6) + self.choice("ABCD")
        )

    def postcode(self, areas: str = "LS HD WF", districts: int = 18) -> str:
        inward = self.choice("123456789") + self.choice("ABDEFGHJLN") + self.choice("PQRSTUWXYZ")
        return f"{self.choice(areas.split())}{self.randrange(1, districts)} {inward}"

    def neighbours_swapped(self, text: str) -> str:
        if len(text) < 3:
            return text
        at = self.randrange(len(text) - 1)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]

    def wrong_key(self, text: str) -> str:
        at = self.randrange(len(text)) if text else 0
        kind = self.random()
        letter = self.choice("0123456789" if text[at : at + 1].isdigit() else "aeioustrnlm")
        if kind < 0.35:
            return text[:at] + letter + text[at + 1 :]
        return text[:at] + text[at + 1 :] if kind < 0.7 else text[:at] + letter + text[at:]

    def slipped_date(self, day: date) -> date:
        kind = self.random()
        if kind < 0.4 and day.day <= 12:
            return date(day.year, day.day, day.month)
        if kind < 0.7:
            return day.replace(day=self.randrange(1, 29))
        return day.replace(year=day.year + self.choice([-10, -1, 1, 10]), day=min(day.day, 28))


def hospital(draw: _Draw) -> People:
    """Admissions: SURNAME, First M; an NHS number in two of five; two-digit years; wards and dates of no bearing."""
    practices = [f"{draw.choice('ABCDEF')}8{draw.digits(4)}" for _ in range(60)]
    pet = {"William": "Bill", "Robert": "Bob", "Margaret": "Peggy", "Patricia": "Pat", "Thomas": "Tom",
           "James": "Jim", "Susan": "Sue", "Christine": "Chris", "Stephen": "Steve", "Andrew": "Andy"}  # fmt: skip
    rows: People = []
    for person in range(6500):
        sex = draw.choice("MF")
        surname, first, middle = draw.surname(), draw.given(sex), draw.given(sex)[0]
        born, number, practice = draw.born(1925, 2019), draw.nhs_number(), draw.skewed(practices)
        for visit in range(draw.choices([1, 2, 3, 5], [55, 25, 14, 6])[0]):
            if visit and sex == "F" and draw.random() < 0.02:
                surname = draw.surname()
            if visit and draw.random() < 0.08:
                practice = draw.skewed(practices)
            name, family = first, surname
            if draw.random() < 0.1:
                name = pet.get(first, first)
            if draw.random() < 0.05:
                family = draw.wrong_key(family)
            if draw.random() < 0.04:
                name = draw.wrong_key(name)
            initial = f" {middle}" if draw.random() < 0.6 else ""
            shown = born if draw.random() < 0.965 else draw.slipped_date(born)
            nhs = number if draw.random() < 0.97 else draw.neighbours_swapped(number)
            admitted = date(2019, 1, 1) + timedelta(days=draw.randrange(1800))
            row: Row = {
                "Patient Name": f"{family.upper()}, {name}{initial}",
                "NHS No": f"{nhs[:3]} {nhs[3:6]} {nhs[6:]}" if draw.random() < 0.4 else None,
                "DOB": shown.strftime("%d/%m/%y"),
                "Sex": "9" if draw.random() < 0.01 else "12"["MF".index(sex)],
                "GP Code": practice,
                "Admitted": admitted.strftime("%d/%m/%y"),
                "Ward": draw.choice(_words("A1 A2 B1 B4 C2 D7 ITU")),
            }
            rows.append((person, row))
    return rows


_FORMS = """Mohammed/Muhammad/Mohamed/Mohammad Hussain/Hussein/Husain Ahmed/Ahmad Ayesha/Aisha/Aysha
Fatima/Fatema/Fatimah
Yusuf/Yousef/Yousuf Iqbal/Eqbal Chaudhry/Choudhury/Chowdhury/Chaudhary Sheikh/Shaikh Usman/Osman/Uthman Zainab/Zaynab
Nazir/Nazeer Rashid/Rasheed Saeed/Said/Syeed Begum/Begam Bibi/Beebi Qureshi/Quraishi Siddiqui/Siddiqi Malik/Mallik
Łukasz/Lukasz Małgorzata/Malgorzata/Gosia Wójcik/Wojcik Michał/Michal Paweł/Pawel Agnieszka/Aga Stanisław/Stanislaw
Katarzyna/Kasia Grzegorz/Gregory Żaneta/Zaneta Kowalczyk/Kowalczyc Dąbrowski/Dabrowski Szymański/Szymanski
Woźniak/Wozniak Krzysztof/Kristof Rafał/Rafal Jacek/Jack Wiśniewski/Wisniewski Zieliński/Zielinski"""
_SPELT = {spelt: group.split("/") for group in _FORMS.split() for spelt in group.split("/")[:1]}
_ASIAN_MEN = _words("""Mohammed Ahmed Yusuf Iqbal Usman Nazir Rashid Saeed Imran Bilal Tariq Kamran
Shahid Asif Harpreet Gurdeep""")
_ASIAN_WOMEN = _words("""Ayesha Fatima Zainab Nasreen Rukhsana Samina Shazia Parveen Noor Hina
Jaspreet Manjit Sunita Priya""")
_ASIAN_NAMES = _words("""Hussain Ahmed Khan Chaudhry Sheikh Begum Bibi Qureshi Siddiqui Malik Akhtar Mahmood Mirza Shah
Rahman Uddin Miah Singh Kaur Patel Sharma Gill Dhillon Sandhu Butt Rana Raja Awan Bhatti Javed""")
_POLISH_MEN = _words("""Łukasz Michał Paweł Stanisław Grzegorz Krzysztof Rafał Jacek Tomasz Marek
Piotr Adam Jan Wojciech""")
_POLISH_WOMEN = _words("""Małgorzata Agnieszka Katarzyna Żaneta Ewa Dorota Beata Joanna Magdalena
Anna Monika Iwona""")
_POLISH_NAMES = _words("""Wójcik Kowalczyk Dąbrowski Szymański Woźniak Wiśniewski Zieliński Nowak Kowalski Lewandowski
Kamiński Mazur Krawczyk Piotrowski Grabowski Pawłowski Michalski Król Wieczorek Jabłoński Sikora Baran""")


def housing(draw: _Draw) -> People:
    """A housing list: families with one telephone, names transliterated anew each time, the address in one cell."""

    def spell(name: str) -> str:
        return draw.choice(_SPELT[name]) if name in _SPELT and draw.random() < 0.6 else name

    rows: People = []
    person = 0
    for _ in range(2100):
        polish = draw.random() < 0.4
        family = draw.skewed(_POLISH_NAMES if polish else _ASIAN_NAMES, 1.3)
        phone = "07" + draw.digits(9)
        address = f"{draw.randrange(1, 190)} {draw.choice(_STREETS)} {draw.choice(_WAYS)}"
        if draw.random() < 0.3:
            address = f"Flat {draw.randrange(1, 30)}, {address}"
        ending = f"{draw.choice(_TOWNS)} {draw.postcode('BD OL', 12)}"
        for member in range(draw.choices([1, 2, 3, 5], [30, 30, 25, 15])[0]):
            sex = draw.choice("MF")
            lists = (_POLISH_MEN, _POLISH_WOMEN) if polish else (_ASIAN_MEN, _ASIAN_WOMEN)
            first = draw.skewed(lists["MF".index(sex)], 1.3)
            surname = family if draw.random() < 0.8 or polish else draw.skewed(_ASIAN_NAMES)
            if polish and sex == "F" and surname.endswith("ski"):
                surname = surname[:-1] + "a"
            born = draw.born(1945, 1988) if member < 2 else draw.born(1990, 2022)
            home = address
            for again in range(draw.choices([1, 2, 3], [50, 35, 15])[0]):
                if again and draw.random() < 0.12:
                    home = f"{draw.randrange(1, 190)} {draw.choice(_STREETS)} {draw.choice(_WAYS)}"
                one, two = spell(first), spell(surname)
                name = f"{two} {one}" if draw.random() < 0.06 else f"{one} {two}"
                shown = born if draw.random() < 0.95 else draw.slipped_date(born)
                row: Row = {
                    "Applicant": name,
                    "Date of Birth": shown.isoformat() if draw.random() < 0.97 else None,
                    "Contact Tel": phone if draw.random() < 0.8 else None,
                    "Full Address": f"{home}, {ending}",
                    "Bedrooms": str(draw.randrange(1, 5)),
                    "Band": draw.choice("ABCD"),
                }
                rows.append((person, row))
            person += 1
    return rows


def roll(draw: _Draw) -> People:
    """An electoral roll: no date of birth; families at one address, some with father and son of one name."""
    rows: People = []
    person = 0

    def entry(who: tuple[str, str, str, str], home: tuple[str, str, str]) -> Row:
        title, first, middle, surname = who
        given = (
            f"{first} {middle}"
            if draw.random() < 0.7
            else f"{first} {middle[0]}"
            if draw.random() < 0.5
            else first
        )
        if draw.random() < 0.03:
            given = draw.wrong_key(given)
        if draw.random() < 0.03:
            surname = draw.wrong_key(surname)
        return {
            "Title": title if draw.random() < 0.9 else None,
            "Forenames": given,
            "Surname": surname,
            "Address1": home[0],
            "Address2": home[1],
            "Post Code": home[2] if draw.random() < 0.97 else None,
        }

    for _ in range(4300):
        home = (f"{draw.randrange(1, 140)} {draw.choice(_STREETS)} {draw.choice(_WAYS)}", draw.choice(_TOWNS),
                draw.postcode())  # fmt: skip
        family, father = draw.surname(), ""
        for member in range(draw.choices([1, 2, 3, 5], [30, 40, 20, 10])[0]):
            sex = "MF"[member % 2] if member < 2 else draw.choice("MF")
            first = draw.given(sex)
            if member == 0:
                father = first
            elif sex == "M" and draw.random() < 0.06:
                first = father
            title = "Mr" if sex == "M" else draw.choice(["Mrs", "Miss", "Ms"])
            surname = family if draw.random() < 0.85 else draw.surname()
            who = (title, first, draw.given(sex), surname)
            rows.append((person, entry(who, home)))
            if draw.random() < 0.35:  # registered twice, one in three of them at a new address
                moved = (f"{draw.randrange(1, 140)} {draw.choice(_STREETS)} {draw.choice(_WAYS)}",
                         draw.choice(_TOWNS), draw.postcode())  # fmt: skip
                rows.append((person, entry(who, moved if draw.random() < 0.33 else home)))
            person += 1
    return rows


_SOUNDS = [("ph", "f"), ("ck", "k"), ("ie", "ei"), ("y", "i"), ("ll", "l"), ("nn", "n"), ("tt", "t"), ("ee", "ea"),
           ("s", "z"), ("c", "k"), ("ou", "oo"), ("er", "ar"), ("au", "or")]  # fmt: skip


def school(draw: _Draw) -> People:
    """Pupils of three school years in one table: twins, siblings, spelling by ear, a pupil number in three of five."""

    def by_ear(name: str) -> str:
        fits = [(a, b) for a, b in _SOUNDS if a in name[1:]]
        a, b = draw.choice(fits) if fits else ("", "")
        return name[0] + name[1:].replace(a, b, 1) if fits else name

    rows: People = []
    person = 0
    for _ in range(2600):
        family, home = draw.surname(), draw.postcode("NE SR DH", 14)
        born, left = draw.born(2008, 2016), draw.choices([1, 2, 3], [55, 33, 12])[0]
        twins = draw.random() < 0.05
        for sibling in range(left + twins):
            if sibling and not (twins and sibling == 1):
                born = min(date(2017, 12, 31), born + timedelta(days=draw.randrange(400, 1500)))
            sex = draw.choice("MF")
            first, number = draw.given(sex), draw.upn()
            cohort = born.year - (born.month < 9)
            stream = draw.choice("ABC")
            for year in (2022, 2023, 2024)[: draw.choices([1, 2, 3], [35, 35, 30])[0]]:
                known = first if draw.random() < 0.92 else by_ear(first)
                surname = family if draw.random() < 0.94 else by_ear(family)
                row: Row = {
                    "Pupil_Forename": known,
                    "Pupil_Surname": surname,
                    "DoB": (born if draw.random() < 0.98 else draw.slipped_date(born)).strftime("%d-%b-%Y"),
                    "Gender": "Boy" if sex == "M" else "Girl",
                    "UPN": number if draw.random() < 0.6 else None,
                    "NC Year": str(max(0, year - cohort - 5)),
                    "Reg Group": f"{max(0, year - cohort - 5)}{stream}",
                    "Home Postcode": home if draw.random() < 0.9 else draw.postcode("NE SR DH", 14),
                }
                rows.append((person, row))
            person += 1
    return rows


def clean(draw: _Draw) -> People:
    """Ten thousand different people, each once, hardly a slip: nobody is to be linked."""
    rows: People = []
    hosts = ["mailbox", "post", "inbox"]
    for person in range(10_000):
        sex = draw.choice("MF")
        first, last = draw.given(sex), draw.surname()
        row: Row = {
            "FirstName": first,
            "LastName": last,
            "BirthDate": draw.born(1930, 2006).isoformat(),
            "City": draw.choice(_TOWNS),
            "PostCode": draw.postcode("GU RG SL", 20),
            "Email": f"{first}.{last}{draw.randrange(1, 9999)}@{draw.choice(hosts)}.example".lower(),
        }
        rows.append((person, row))
    return rows


def contacts(draw: _Draw) -> People:
    """A log of contacts read from paper: nearly everybody five to ten times, half of the cells empty, OCR slips."""
    scanned = {
        "0": "O",
        "1": "l",
        "5": "S",
        "8": "B",
        "o": "0",
        "l": "1",
        "e": "c",
        "m": "rn",
        "i": "l",
        "u": "ii",
    }

    def scan(text: str) -> str:
        at = [i for i, c in enumerate(text) if c in scanned]
        if not at or draw.random() > 0.12:
            return text
        i = draw.choice(at)
        return text[:i] + scanned[text[i]] + text[i + 1 :]

    rows: People = []
    for person in range(1300):
        sex = draw.choice("MF")
        first, last, born = draw.given(sex), draw.surname(), draw.born(1935, 2005)
        phone, home = "01" + draw.digits(9), draw.postcode("CF SA NP", 30)
        mail = (
            f"{first[0]}{last}{draw.randrange(99)}@{draw.choice(['home', 'works', 'club'])}.example".lower()
        )
        for _ in range(1 if draw.random() < 0.04 else draw.randrange(5, 11)):
            if draw.random() < 0.03:
                phone = "01" + draw.digits(9)
            if draw.random() < 0.03:
                home = draw.postcode("CF SA NP", 30)
            row: Row = {
                "caller first name": scan(first) if draw.random() < 0.85 else first[0],
                "caller last name": scan(last),
                "birthday": scan(born.strftime("%d.%m.%Y")) if draw.random() < 0.6 else None,
                "telephone": scan(phone) if draw.random() < 0.6 else None,
                "e-mail": scan(mail) if draw.random() < 0.5 else None,
                "post code": scan(home) if draw.random() < 0.7 else None,
                "topic": draw.choice(_words("bins parking council-tax housing schools")),
            }
            rows.append((person, row))
    return rows


def claims(draw: _Draw) -> tuple[People, People]:
    """Claimants (CSV, day first, NINO in most) and readers of a library (Parquet, whole names, real dates)."""
    left: People = []
    right: People = []
    for person in range(14_000):
        sex = draw.choice("MF")
        first, middle, last = draw.given(sex), draw.given(sex), draw.surname()
        born, home = draw.born(1940, 2005), draw.postcode("PO SO BN", 25)
        mail = f"{last}.{first}{draw.randrange(99)}@letters.example".lower()
        if draw.random() < 0.6:
            row: Row = {
                "ClaimantSurname": last.upper() if draw.random() < 0.97 else draw.wrong_key(last.upper()),
                "ClaimantForename": first.upper() if draw.random() < 0.97 else draw.wrong_key(first.upper()),
                "NINo": draw.nino() if draw.random() < 0.7 else None,
                "BirthDt": (born if draw.random() < 0.97 else draw.slipped_date(born)).strftime("%d/%m/%Y"),
                "SexCd": sex,
                "Pcode": home.replace(" ", ""),
                "AwardAmt": f"{draw.uniform(10, 400):.2f}",
            }
            left.append((person, row))
        if draw.random() < 0.5:
            if draw.random() < 0.1:
                home = draw.postcode("PO SO BN", 25)
            if sex == "F" and draw.random() < 0.05:
                last = draw.surname()
            name = f"{first} {middle[0]} {last}" if draw.random() < 0.3 else f"{first} {last}"
            row = {
                "borrower": name if draw.random() < 0.95 else draw.neighbours_swapped(name),
                "date_of_birth": born if draw.random() < 0.9 else None,
                "postal_code": home if draw.random() < 0.95 else draw.neighbours_swapped(home),
                "mail": mail if draw.random() < 0.7 else None,
                "joined": date(2015, 1, 1) + timedelta(days=draw.randrange(3000)),
            }
            right.append((person, row))
    return left, right


def custody(draw: _Draw) -> tuple[People, People]:
    """Two services with no postcode in common: a register of names and towns, and a case list with aliases."""
    left: People = []
    right: People = []
    for person in range(9000):
        sex = "M" if draw.random() < 0.8 else "F"
        first, last, born = draw.given(sex), draw.surname(), draw.born(1955, 2006)
        town, phone = draw.skewed(_TOWNS), "07" + draw.digits(9)
        if draw.random() < 0.7:
            row: Row = {
                "surname": last,
                "forename_1": first,
                "forename_2": draw.given(sex) if draw.random() < 0.4 else None,
                "dob": (born if draw.random() < 0.97 else draw.slipped_date(born)).strftime("%d/%m/%Y"),
                "town": town,
                "mobile": phone if draw.random() < 0.7 else None,
            }
            left.append((person, row))
        if draw.random() < 0.35:
            known, family = first, last
            if draw.random() < 0.08:
                known = draw.wrong_key(known)
            if draw.random() < 0.08:
                family = draw.wrong_key(family)
            if draw.random() < 0.04:
                known, family = family, known
            row = {
                "Subject Name": f"{family}, {known}",
                "Birth date": (born if draw.random() < 0.96 else draw.slipped_date(born)).isoformat(),
                "M/F": "Male" if sex == "M" else "Female",
                "Tel.": phone if draw.random() < 0.5 else "07" + draw.digits(9),
                "Place": town if draw.random() < 0.85 else draw.skewed(_TOWNS),
            }
            right.append((person, row))
    return left, right


def _written(rows: People, path: Path, draw: _Draw, *, delimiter: str = ",") -> list[tuple[str, int, int]]:
    draw.shuffle(rows)
    table = pa.Table.from_pylist([row for _, row in rows])
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        pa_csv.write_csv(table, path, pa_csv.WriteOptions(delimiter=delimiter))
    return [(path.stem, number, person) for number, (person, _) in enumerate(rows, start=1)]


def _truth(known: list[tuple[str, int, int]], path: Path) -> Path:
    names = ("source", "record_id", "cluster")
    pa_csv.write_csv(pa.table({name: [row[i] for row in known] for i, name in enumerate(names)}), path)
    return path


SINGLE: Mapping[str, Callable[[_Draw], People]] = {
    "hospital": hospital, "housing": housing, "roll": roll, "school": school, "clean": clean, "contacts": contacts
}  # fmt: skip
DOUBLE: Mapping[str, tuple[Callable[[_Draw], tuple[People, People]], str, str]] = {
    "claims": (claims, "claimants.csv", "library.parquet"),
    "custody": (custody, "register.csv", "cases.csv"),
}


def build(name: str, folder: Path, *, seed: int = 1) -> World:
    """Write one world's files and truth into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = _Draw(f"{name} {seed}")
    if name in SINGLE:
        path = folder / f"{name}.{'parquet' if name == 'school' else 'csv'}"
        known = _written(SINGLE[name](draw), path, draw)
        return World((path,), _truth(known, folder / "truth.csv"), possible=name != "clean")
    make, first, second = DOUBLE[name]
    left, right = make(draw)
    known = _written(left, folder / first, draw, delimiter=";" if name == "custody" else ",")
    known += _written(right, folder / second, draw)
    return World((folder / first, folder / second), _truth(known, folder / "truth.csv"))
