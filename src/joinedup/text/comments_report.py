"""What was read in a table of comments as one page: who must be read at once, what was masked, feelings, themes."""

from __future__ import annotations

from collections import Counter
from datetime import date

from joinedup.charts import (
    Bar,
    Bullets,
    Card,
    Details,
    Notice,
    Section,
    Stack,
    Table,
    bar_chart,
    html_report,
    stacked_bars,
)
from joinedup.text.comments import ReadComments
from joinedup.text.danger import THREAT_TO_LIFE
from joinedup.text.redact import WORDS

_FEELINGS = ("positive", "neutral", "negative")
_STANCES = {"for": "For", "against": "Against", "mixed": "For and against", "": "No clear side"}
_LANGUAGES = {"en": "English", "cy": "Welsh", "und": "Cannot be told"}
_MOST_ROWS = 20


def comments_html(read: ReadComments, *, name: str, generated_on: date, version: str) -> str:
    """Return the page: self-contained, without JavaScript. Its quotes are masked; it names rows, and no person.

    name: of the file, as people know it.
    """
    total = read.comments.num_rows
    readable = len(read.places)
    dangers = _dangers(read)
    cards = [
        Card("Comments", f"{total:,}", f"{read.empty:,} empty ones left out" if read.empty else ""),
        Card(
            "May speak of danger",
            f"{len(dangers):,}",
            "A person must read them now" if dangers else "",
        ),
        Card("Personal data masked", f"{sum(read.masked.values()):,}"),
        Card("Draft themes", f"{len(read.themes.themes):,}", "For people to edit and sign off"),
    ]
    return html_report(
        title=f"Comments of {name}",
        lede="Drafts by machines, for people to check. Masked text may still tell who somebody is.",
        cards=cards,
        sections=(
            _first(dangers),
            _themes(read, readable),
            _feelings(read, readable),
            _languages(read, total - readable),
            _masked(read),
            _how(read),
        ),
        generated_on=generated_on,
        version=version,
    )


def _dangers(read: ReadComments) -> list[tuple[int, str, str]]:
    table = read.comments.select(["row", "danger", "danger_reasons"]).to_pylist()
    found = [(row["row"], row["danger"], row["danger_reasons"]) for row in table if row["danger"]]
    return sorted(found, key=lambda each: (each[1] != THREAT_TO_LIFE, each[0]))


def _first(dangers: list[tuple[int, str, str]]) -> Section:
    if not dangers:
        words = "No comment was seen to speak of danger. The rules miss some: read the comments all the same."
        return Section("Read these first", (Notice(words),))
    rows = [
        (number, "Somebody’s life" if kind == THREAT_TO_LIFE else "Somebody’s safety", reasons)
        for number, kind, reasons in dangers
    ]
    columns = ("Row", "What may be in danger", "Why")
    rest = rows[_MOST_ROWS:]
    more = (Details(f"{len(rest):,} more", (Table("More of them", columns, rest),)),) if rest else ()
    return Section(
        "Read these first",
        (
            Notice("A person must read these comments in the file itself, now.", warning=True),
            Table("Comments that may speak of danger", columns, rows[:_MOST_ROWS]),
            *more,
        ),
    )


def _themes(read: ReadComments, readable: int) -> Section:
    if not read.themes.themes:
        words = "There are too few comments in English for themes. Read them one by one."
        return Section("Draft themes", (Notice(words),))
    texts = read.comments.column("text")
    rows, quotes = [], []
    for theme in read.themes.themes:
        stance = read.stances[theme.number]
        size = len(theme.members)
        rows.append(
            (theme.title, size, f"{size / readable:.0%}", _STANCES[stance.code], f"{theme.agreement:.0%}")
        )
        shown = [texts[int(read.places[at])].as_py() for at in theme.quotes]
        quotes.append(Details(f"{theme.title}: {size:,} comments", (Bullets(shown),)))
    table = Table(
        "Draft themes, the largest first",
        ("Theme", "Comments", "Share", "Stance", "Agreement between drafts"),
        rows,
    )
    chart = bar_chart(
        title="Comments by draft theme",
        bars=[Bar(theme.title, float(len(theme.members))) for theme in read.themes.themes],
        value_name="Comments",
        label_name="Theme",
    )
    doubts = [doubt.words for doubt in read.doubts]
    notes = (Notice("What to look at before these are used:"), Bullets(doubts)) if doubts else ()
    left = f"{read.themes.noise_share:.0%} of the comments that were read have no theme."
    return Section("Draft themes", (left, chart, table, *notes, *quotes))


def _feelings(read: ReadComments, readable: int) -> Section:
    if not readable:
        return Section("Feelings", (Notice("No comment could be read by a model."),))
    counts = Counter(word for word in read.comments.column("sentiment").to_pylist() if word)
    chart = stacked_bars(
        title="Feelings of the comments that were read",
        parts=[word.title() for word in _FEELINGS],
        stacks=[Stack("All comments", tuple(float(counts[word]) for word in _FEELINGS))],
        note="By a model learned from comments on health services; of other subjects it is less sure.",
    )
    return Section("Feelings", (chart,))


def _languages(read: ReadComments, unread: int) -> Section:
    counts = Counter(read.comments.column("language").to_pylist())
    rows = [(_LANGUAGES.get(code, code), number) for code, number in counts.most_common()]
    told = (
        f"{unread:,} comments were read by no model, since ours know English alone. A person must read them."
    )
    blocks = (Notice(told),) if unread else ()
    return Section("Languages", (*blocks, Table("Comments by language", ("Language", "Comments"), rows)))


def _masked(read: ReadComments) -> Section:
    words = {kind.value: words for kind, words in WORDS.items()}
    rows = [(words.get(kind, kind).capitalize(), number) for kind, number in read.masked.items()]
    told = "Names and addresses are found by what stands around them, so some stay."
    return Section("What was masked", (told, Table("Personal data masked", ("Kind", "Times"), rows)))


def _how(read: ReadComments) -> Section:
    meaning = read.models["meaning"] or "words alone: the model that knows meanings is not set up"
    again = f"{read.themes.variance:.2f} (1: every draft was the same)" if read.themes.themes else "no themes"
    return Section(
        "How they were read",
        (
            Bullets(
                (f"Meaning: {meaning}", f"Feelings: {read.models['sentiment']}", f"Drafts alike: {again}")
            ),
        ),
    )
