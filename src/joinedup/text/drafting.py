"""Draft themes with a language model: drafted from batches, condensed to one list, comments mapped to it with stance.

What goes out is masked once more here, whatever the caller did. What comes back is a draft: themes that no comment
shows and ids that were not given are dropped, and words lose links and markup. People sign themes off.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from joinedup.llm import (
    Answer,
    Budget,
    LanguageModel,
    Outcome,
    Prompt,
    Question,
    array,
    as_data,
    known_ids,
    obj,
    one_of,
    plain,
    read_prompt,
    string,
)
from joinedup.text.redact import Recogniser, mask_text

T = TypeVar("T")
STANCES = ("for", "against", "mixed", "")
MOST_THEMES = 25
LONGEST_TITLE, LONGEST_DESCRIPTION = 100, 300
_STANCE_WORDS = ("for", "against", "mixed", "unclear")
_DRAFTS_A_QUESTION = 80
_QUOTES = 5


@dataclass(frozen=True)
class Steps:
    """How the work is cut up. drafted_from: of at most so many comments, drawn by chance, themes are drafted;
    all are mapped. checked_again: so many are mapped twice, in another order, to see how sure the marks are."""

    draft_batch: int = 60
    map_batch: int = 40
    drafted_from: int = 1_500
    checked_again: int = 80
    most_themes: int = MOST_THEMES


@dataclass(frozen=True)
class Asked:
    """One question that was asked, for the record of uses. items: texts in it. prompt: its reference."""

    step: str
    prompt: str
    items: int
    answer: Answer


@dataclass(frozen=True)
class Mark:
    """A comment that bears a theme. index: of the text. stance: for, against, mixed, or empty where unclear."""

    index: int
    stance: str


@dataclass(frozen=True)
class WrittenTheme:
    """A theme that a language model drafted. quotes: indexes of up to five texts that show it. marks: by index."""

    title: str
    description: str
    quotes: tuple[int, ...]
    marks: tuple[Mark, ...]

    @property
    def stance(self) -> str:
        """What most of its comments that take one say; mixed where neither side has two thirds."""
        count = Counter(mark.stance for mark in self.marks if mark.stance)
        total = sum(count.values())
        if not total:
            return ""
        for side in ("for", "against"):
            if 3 * count[side] >= 2 * total:
                return side
        return "mixed"


@dataclass(frozen=True)
class WrittenThemes:
    """What a language model made of some texts.

    themes: the largest first. unthemed: indexes that it says bear none. unread: indexes of which no good answer came.
    agreement: of the texts mapped twice, the mean share of marks that were alike, 0 to 1; None where none was.
    asked: every question in order. is_complete: False where it was stopped, the budget ran out, or answers failed.
    """

    themes: tuple[WrittenTheme, ...]
    unthemed: tuple[int, ...]
    unread: tuple[int, ...]
    agreement: float | None
    asked: tuple[Asked, ...]
    is_complete: bool


@dataclass(frozen=True)
class Theme:
    """A theme with a title and what belongs in it: what comments are mapped to."""

    title: str
    description: str


@dataclass
class _Job:
    """One job: the model, what it may spend, and what was asked."""

    model: LanguageModel
    budget: Budget
    word: Callable[[], str]
    may_go_on: Callable[[], bool]
    on_asked: Callable[[Asked], None]
    asked: list[Asked] = field(default_factory=list)
    is_stopped: bool = False

    def ask(self, step: str, question: Question, *, items: int) -> Answer | None:
        """The answer; None where no more may be asked."""
        if self.is_stopped or not self.may_go_on():
            self.is_stopped = True
            return None
        answer = self.model.ask(question, budget=self.budget)
        told = Asked(step, question.prompt.reference, items, answer)
        self.asked.append(told)
        self.on_asked(told)
        return answer


def write_themes(
    model: LanguageModel,
    texts: Sequence[str],
    *,
    budget: Budget,
    word: Callable[[], str],
    seed: int,
    steps: Steps = Steps(),
    more: Sequence[Recogniser] = (),
    may_go_on: Callable[[], bool] = lambda: True,
    on_asked: Callable[[Asked], None] = lambda asked: None,
) -> WrittenThemes:
    """Draft themes of texts and say which text bears which.

    word: a fresh word nobody can foresee for each call, as `secrets.token_hex`; it bounds the data.
    seed: in what order the texts are taken. more: recognisers of personal data besides the rules. may_go_on: asked
    before each question; where it says no (a feature was switched off), nothing more is sent. on_asked: told of each
    question once it ended, to keep it on record.
    """
    job = _Job(model, budget, word, may_go_on, on_asked)
    masked = [mask_text(text, more=more).text for text in texts]
    order = list(range(len(masked)))
    random.Random(seed).shuffle(order)
    drafts = _draft(job, masked, order[: steps.drafted_from], steps)
    themes = _condense(job, drafts, steps)
    marks, unread = _map(job, masked, order, [theme for theme, _ in themes], steps.map_batch)
    agreement = _agreement(job, masked, order, marks, [theme for theme, _ in themes], steps)
    found = _put_together(themes, marks)
    is_complete = not job.is_stopped and not unread
    is_complete &= all(each.answer.outcome is Outcome.DONE for each in job.asked)
    unthemed = tuple(sorted(index for index, borne in marks.items() if not borne))
    return WrittenThemes(found, unthemed, tuple(sorted(unread)), agreement, tuple(job.asked), is_complete)


def map_to_themes(
    model: LanguageModel,
    texts: Sequence[str],
    themes: Sequence[Theme],
    *,
    budget: Budget,
    word: Callable[[], str],
    batch: int = 40,
    more: Sequence[Recogniser] = (),
    may_go_on: Callable[[], bool] = lambda: True,
    on_asked: Callable[[Asked], None] = lambda asked: None,
) -> tuple[dict[int, tuple[tuple[int, str], ...]], tuple[int, ...]]:
    """Which themes each text bears: by index, pairs of theme index and stance; and the indexes without an answer."""
    job = _Job(model, budget, word, may_go_on, on_asked)
    masked = [mask_text(text, more=more).text for text in texts]
    marks, unread = _map(job, masked, list(range(len(masked))), list(themes), batch)
    return marks, tuple(sorted(unread))


@dataclass(frozen=True)
class _Draft:
    theme: Theme
    shown_by: tuple[int, ...]


def _draft(job: _Job, texts: Sequence[str], order: Sequence[int], steps: Steps) -> list[_Draft]:
    prompt = read_prompt("joinedup.text", "draft_themes")
    found: list[_Draft] = []
    for batch in _batches(order, steps.draft_batch):
        ids = {f"c{number}": index for number, index in enumerate(batch, start=1)}
        theme = obj(
            title=string(most=200), description=string(most=600), comments=array(string(most=12), most=60)
        )
        question = Question(
            prompt,
            as_data({key: texts[index] for key, index in ids.items()}, word=job.word()),
            obj(themes=array(theme, most=20)),
        )
        answer = job.ask("draft", question, items=len(batch))
        if answer is None:
            break
        for given in _rows(answer, "themes"):
            shown = tuple(ids[key] for key in known_ids(list(ids), _listed(given, "comments")))
            theme_read = _theme(given)
            if shown and theme_read is not None:  # a theme that no comment shows does not exist
                found.append(_Draft(theme_read, shown[:_QUOTES]))
    return found


def _condense(job: _Job, drafts: list[_Draft], steps: Steps) -> list[tuple[Theme, tuple[int, ...]]]:
    """One list out of the drafts, in rounds where they are many. Drafts stay as they are where no answer comes."""
    while len(drafts) > 1:
        rounds = list(_batches(drafts, _DRAFTS_A_QUESTION))
        made = [each for part in rounds for each in _condense_once(job, part, steps)]
        if len(rounds) == 1 or len(made) >= len(drafts):
            drafts = made
            break
        drafts = made
    drafts.sort(key=lambda draft: -len(draft.shown_by))
    return [(draft.theme, draft.shown_by[:_QUOTES]) for draft in drafts[: steps.most_themes]]


def _condense_once(job: _Job, drafts: Sequence[_Draft], steps: Steps) -> list[_Draft]:
    prompt = read_prompt("joinedup.text", "condense_themes").filled({"most": str(steps.most_themes)})
    ids = {f"t{number}": draft for number, draft in enumerate(drafts, start=1)}
    data = {key: f"{draft.theme.title}: {draft.theme.description}" for key, draft in ids.items()}
    theme = obj(title=string(most=200), description=string(most=600), drafts=array(string(most=12), most=100))
    question = Question(
        prompt, as_data(data, word=job.word()), obj(themes=array(theme, least=1, most=steps.most_themes))
    )
    answer = job.ask("condense", question, items=len(drafts))
    if answer is None or answer.value is None:
        return list(drafts)
    made: list[_Draft] = []
    used: set[str] = set()
    for given in _rows(answer, "themes"):
        parts = [key for key in known_ids(list(ids), _listed(given, "drafts")) if key not in used]
        theme_read = _theme(given)
        if not parts or theme_read is None:
            continue
        used.update(parts)
        shown = dict.fromkeys(index for key in parts for index in ids[key].shown_by)
        made.append(_Draft(theme_read, tuple(shown)))
    return made or list(drafts)


def _map(
    job: _Job, texts: Sequence[str], order: Sequence[int], themes: Sequence[Theme], size: int
) -> tuple[dict[int, tuple[tuple[int, str], ...]], set[int]]:
    marks: dict[int, tuple[tuple[int, str], ...]] = {}
    if not themes:
        return marks, set(order)
    for tries in range(2):  # those that an answer left out are asked for once more
        left = [index for index in order if index not in marks]
        for batch in _batches(left, size if not tries else max(1, size // 2)):
            marks |= _map_batch(job, texts, batch, themes)
            if job.is_stopped:
                return marks, set(order) - set(marks)
    return marks, set(order) - set(marks)


def _map_batch(
    job: _Job, texts: Sequence[str], batch: Sequence[int], themes: Sequence[Theme]
) -> dict[int, tuple[tuple[int, str], ...]]:
    prompt: Prompt = read_prompt("joinedup.text", "map_comments")
    ids = {f"c{number}": index for number, index in enumerate(batch, start=1)}
    theme_ids = {f"t{number}": number - 1 for number in range(1, len(themes) + 1)}
    told = {key: f"{themes[at].title}: {themes[at].description}" for key, at in theme_ids.items()}
    data = "\n".join(
        (
            as_data(told, word=job.word()),
            as_data({key: texts[index] for key, index in ids.items()}, word=job.word()),
        )
    )
    mark = obj(theme=string(most=12), stance=one_of(*_STANCE_WORDS))
    comment = obj(id=string(most=12), themes=array(mark, most=len(themes) + 10))

    def check(answer: Mapping[str, object]) -> Sequence[str]:
        rows = answer.get("comments")
        told_of = known_ids(list(ids), [each.get("id") for each in rows]) if isinstance(rows, list) else ()
        return () if 2 * len(told_of) >= len(ids) else ("most comments that were given have no answer",)

    question = Question(
        prompt,
        data,
        obj(comments=array(comment, most=2 * len(batch) + 10)),
        check=check,
        longest_tokens=300 + 60 * len(batch),
    )
    answer = job.ask("map", question, items=len(batch))
    marks: dict[int, tuple[tuple[int, str], ...]] = {}
    for given in _rows(answer, "comments") if answer is not None else ():
        index = ids.get(str(given.get("id")))
        if index is None or index in marks:
            continue
        borne: dict[int, str] = {}
        for each in _listed(given, "themes"):
            at = theme_ids.get(str(each.get("theme"))) if isinstance(each, dict) else None
            if at is not None and isinstance(each, dict):
                stance = str(each.get("stance"))
                borne.setdefault(at, stance if stance in STANCES else "")
        marks[index] = tuple(borne.items())
    return marks


def _agreement(
    job: _Job,
    texts: Sequence[str],
    order: Sequence[int],
    marks: Mapping[int, tuple[tuple[int, str], ...]],
    themes: Sequence[Theme],
    steps: Steps,
) -> float | None:
    again = [index for index in reversed(order) if index in marks][: steps.checked_again]
    if not again or job.is_stopped or not themes:
        return None
    second: dict[int, tuple[tuple[int, str], ...]] = {}
    for batch in _batches(again, steps.map_batch):
        second |= _map_batch(job, texts, batch, themes)
    alike = []
    for index, borne in second.items():
        one, other = {at for at, _ in marks[index]}, {at for at, _ in borne}
        alike.append(len(one & other) / len(one | other) if one | other else 1.0)
    return sum(alike) / len(alike) if alike else None


def _put_together(
    themes: Sequence[tuple[Theme, tuple[int, ...]]], marks: Mapping[int, tuple[tuple[int, str], ...]]
) -> tuple[WrittenTheme, ...]:
    found = []
    for at, (theme, shown) in enumerate(themes):
        own = [
            Mark(index, stance)
            for index, borne in sorted(marks.items())
            for theme_at, stance in borne
            if theme_at == at
        ]
        bearing = {mark.index for mark in own}
        quotes = [index for index in shown if index in bearing] + [
            mark.index for mark in own if mark.index not in shown
        ]
        if own:
            found.append(WrittenTheme(theme.title, theme.description, tuple(quotes[:_QUOTES]), tuple(own)))
    return tuple(sorted(found, key=lambda theme: -len(theme.marks)))


def _theme(given: Mapping[str, object]) -> Theme | None:
    """A theme in a model's words, cleaned and masked; None where nothing is left of its title."""
    title = plain(mask_text(str(given.get("title", ""))).text, most=LONGEST_TITLE)
    description = plain(mask_text(str(given.get("description", ""))).text, most=LONGEST_DESCRIPTION)
    return Theme(title, description) if any(letter.isalpha() for letter in title) else None


def _rows(answer: Answer, name: str) -> list[Mapping[str, object]]:
    rows = answer.value.get(name) if answer.value is not None else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _listed(given: Mapping[str, object], name: str) -> list[object]:
    found = given.get(name)
    return found if isinstance(found, list) else []


def _batches(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
