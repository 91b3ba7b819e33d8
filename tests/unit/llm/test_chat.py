"""A language model asked over a real socket: good, invalid, slow, refusing, full and injecting replies."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from joinedup.errors import UsageError
from joinedup.llm import (
    Budget,
    ChatModel,
    Kind,
    Outcome,
    Patience,
    Prompt,
    Question,
    Reason,
    Supplier,
    array,
    obj,
    string,
)
from joinedup.ports import HttpxClient
from support import fake_language_model as fake
from support.fake_language_model import Script, Served, fake_language_model

QUESTION = Question(
    Prompt("try_out", "v1", "Name the themes."),
    "<<data abc>>\n<<end of data abc>>",
    obj(themes=array(string(most=40), most=3)),
    longest_tokens=50,
)
GOOD = fake.good({"themes": ["Waiting"]})


@contextmanager
def _asked(
    script: Script, *, timeout: float = 5.0, tries: int = 3
) -> Iterator[tuple[ChatModel, Served, list]]:
    pauses: list[float] = []
    with fake_language_model(script) as served, HttpxClient(timeout_seconds=timeout) as http:
        patience = Patience(tries=tries, repairs=1, chance=lambda: 0.5, pause=pauses.append)
        yield ChatModel(Supplier(Kind.VLLM, served.url, "fake"), http, patience), served, pauses


def test_a_good_answer_comes_with_its_tokens_and_who_answered():
    with _asked([GOOD]) as (model, served, _):
        answer = model.ask(QUESTION, budget=Budget())

    assert answer.outcome is Outcome.DONE
    assert answer.value == {"themes": ["Waiting"]}
    assert (answer.tokens_in, answer.tokens_out, answer.tries, answer.model) == (100, 20, 1, "fake-1")
    sent = served.asked[0]
    assert sent["model"] == "fake"
    assert sent["max_tokens"] == 50
    assert sent["temperature"] == 0
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert "maxItems" not in json.dumps(
        sent["response_format"]
    )  # some servers refuse what we check ourselves
    assert [each["role"] for each in sent["messages"]] == ["system", "user"]
    assert "authorization" not in served.headers[0]


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (fake.text("Here you are: themes!"), "it was not JSON"),
        (fake.good({"themes": "Waiting"}), "answer.themes is not an array"),
        (fake.good({"themes": ["a"], "note": "x"}), "answer has a property that was not asked for"),
        (fake.good(["themes"]), "answer is not an object"),
        (fake.text('{"themes": [NaN]}'), "it was not JSON"),
        (fake.text("[" * 100_000), "it was not JSON"),
    ],
    ids=["prose", "wrong_type", "extra", "list", "not_a_number", "deep"],
)
def test_an_answer_that_is_not_as_asked_is_asked_for_again_with_the_fault_and_without_the_answer(bad, fault):
    with _asked([bad, GOOD]) as (model, served, _):
        answer = model.ask(QUESTION, budget=Budget())

    assert answer.outcome is Outcome.DONE
    assert answer.tries == 2
    again = served.asked[1]["messages"]
    assert [each["role"] for each in again] == ["system", "user", "user"]
    assert fault in again[2]["content"]
    assert "Here you are" not in json.dumps(again)


def test_answers_that_stay_invalid_are_kept_as_invalid():
    with _asked([fake.text("no JSON")]) as (model, served, _):
        answer = model.ask(QUESTION, budget=Budget())

    assert (answer.outcome, answer.reason, answer.value) == (Outcome.INVALID, Reason.NOT_AS_ASKED, None)
    assert answer.faults == ("it was not JSON",)
    assert len(served.asked) == 2


def test_an_answer_that_ends_in_the_middle_is_told_apart():
    with _asked([fake.text('{"themes": ["Wai', ending="length")]) as (model, _, _):
        answer = model.ask(QUESTION, budget=Budget())

    assert (answer.outcome, answer.reason) == (Outcome.INVALID, Reason.CUT_OFF)


@pytest.mark.parametrize(
    "wrapped",
    ['```json\n{"themes": ["Waiting"]}\n```', '<think>Hm {"themes": 1}</think>\n{"themes": ["Waiting"]}'],
    ids=["fence", "thoughts"],
)
def test_what_models_write_around_an_answer_is_taken_off(wrapped):
    with _asked([fake.text(wrapped)]) as (model, _, _):
        assert model.ask(QUESTION, budget=Budget()).value == {"themes": ["Waiting"]}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (fake.refusing(), Reason.MODEL_REFUSED),
        (fake.refusing_in_words(), Reason.MODEL_REFUSED),
        (fake.filtered(), Reason.FILTERED),
        (fake.text("", ending="content_filter"), Reason.FILTERED),
    ],
    ids=["field", "words", "filter_before", "filter_after"],
)
def test_a_refusal_is_final_and_told_apart(reply, reason):
    with _asked([reply]) as (model, served, pauses):
        answer = model.ask(QUESTION, budget=Budget())

    assert (answer.outcome, answer.reason) == (Outcome.REFUSED, reason)
    assert len(served.asked) == 1
    assert not pauses


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (fake.error(401), Reason.NOT_ALLOWED),
        (fake.error(403), Reason.NOT_ALLOWED),
        (fake.error(404, code="model_not_found"), Reason.NOT_FOUND),
        (fake.error(429, code="insufficient_quota"), Reason.NOT_ALLOWED),
        (fake.error(400, message="bad request"), Reason.NOT_UNDERSTOOD),
        (fake.Reply(307, b"", {"Location": "http://127.0.0.1:9/"}), Reason.NOT_FOUND),
    ],
    ids=["key", "forbidden", "model", "quota", "request", "redirect"],
)
def test_what_will_not_pass_is_not_tried_again(reply, reason):
    with _asked([reply]) as (model, served, _):
        answer = model.ask(QUESTION, budget=Budget())

    assert (answer.outcome, answer.reason) == (Outcome.FAILED, reason)
    assert len(served.asked) == 1


def test_what_passes_is_tried_again_after_longer_waits():
    with _asked([fake.error(503), fake.garbage(), GOOD]) as (model, _, pauses):
        answer = model.ask(QUESTION, budget=Budget())

    assert answer.outcome is Outcome.DONE
    assert pauses == [
        0.75,
        1.5,
    ]  # half, and half of the other half by chance: 1 s and 2 s, times three quarters


def test_a_server_that_says_when_to_come_back_is_heeded_up_to_a_limit():
    with _asked([fake.rate_limited(after="7"), fake.rate_limited(after="4000"), GOOD]) as (model, _, pauses):
        answer = model.ask(QUESTION, budget=Budget())

    assert answer.outcome is Outcome.DONE
    assert pauses == [7.0, 60.0]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (fake.rate_limited(), Reason.RATE_LIMITED),
        (fake.slow(0.6), Reason.TIMED_OUT),
        (fake.dropped(), Reason.UNREACHABLE),
        (fake.garbage(), Reason.UNREACHABLE),
    ],
    ids=["full", "slow", "dropped", "garbage"],
)
def test_tries_come_to_an_end(reply, reason):
    with _asked([reply], timeout=0.2, tries=2) as (model, served, _):
        answer = model.ask(QUESTION, budget=Budget())

    assert (answer.outcome, answer.reason, answer.tries) == (Outcome.FAILED, reason, 2)
    assert len(served.asked) == 2


@pytest.mark.parametrize(
    "budget", [{"tokens": 60}, {"calls": 0}, {"seconds": 0}], ids=["tokens", "calls", "time"]
)
def test_nothing_is_asked_beyond_the_budget(budget):
    with _asked([GOOD]) as (model, served, _):
        answer = model.ask(QUESTION, budget=Budget(**budget))

    assert (answer.outcome, answer.reason, answer.tries) == (Outcome.FAILED, Reason.BUDGET, 0)
    assert not served.asked


def test_a_budget_is_spent_by_what_the_server_counts_and_holds_for_all_questions():
    with _asked([GOOD]) as (model, _, _):
        budget = Budget(tokens=300)
        ended = [model.ask(QUESTION, budget=budget).reason for _ in range(3)]

    assert ended == [Reason.NONE, Reason.NONE, Reason.BUDGET]
    assert (budget.spent_tokens, budget.spent_calls) == (240, 2)


def test_no_wait_is_begun_that_the_time_does_not_allow():
    ticks = itertools.count(step=0.1)
    with _asked([fake.rate_limited(after="50"), GOOD]) as (model, _, pauses):
        answer = model.ask(QUESTION, budget=Budget(seconds=10, now=lambda: float(next(ticks))))

    assert answer.reason is Reason.RATE_LIMITED
    assert not pauses


def test_a_setting_that_a_server_does_not_take_is_left_out_from_then_on():
    script = [
        fake.error(400, code="unsupported_value", param="temperature"),
        fake.error(400, message="'response_format' is not supported by this model"),
        fake.error(400, code="unsupported_parameter", param="max_tokens"),
        GOOD,
    ]
    with _asked(script) as (model, served, _):
        first, second = (model.ask(QUESTION, budget=Budget()) for _ in range(2))

    assert first.outcome is second.outcome is Outcome.DONE
    assert second.tries == 1
    last = served.asked[-1]
    assert not {"temperature", "response_format", "max_tokens"} & set(last)
    assert last["max_completion_tokens"] == 50
    assert '"themes"' in last["messages"][0]["content"]  # the form is told in words as well


def test_what_a_server_calls_itself_is_not_believed_beyond_a_name():
    with _asked([fake.text('{"themes": []}', model="<script>alert(1)</script>")]) as (model, _, _):
        assert model.ask(QUESTION, budget=Budget()).model == "fake"


@pytest.mark.parametrize(
    ("kind", "url", "address", "header"),
    [
        (
            Kind.AZURE,
            "https://north.openai.azure.com",
            "https://north.openai.azure.com/openai/v1/chat/completions",
            "api-key",
        ),
        (
            Kind.BEDROCK,
            "https://bedrock-runtime.eu-west-2.amazonaws.com",
            "https://bedrock-runtime.eu-west-2.amazonaws.com/openai/v1/chat/completions",
            "Authorization",
        ),
        (
            Kind.BEDROCK,
            "https://bedrock-mantle.eu-west-2.api.aws/v1/",
            "https://bedrock-mantle.eu-west-2.api.aws/v1/chat/completions",
            "Authorization",
        ),
        (
            Kind.OLLAMA,
            "http://127.0.0.1:11434",
            "http://127.0.0.1:11434/v1/chat/completions",
            "Authorization",
        ),
        (Kind.VLLM, "https://gpu.example/v1", "https://gpu.example/v1/chat/completions", "Authorization"),
        (
            Kind.OPENAI,
            "https://api.openai.com/v1",
            "https://api.openai.com/v1/chat/completions",
            "Authorization",
        ),
    ],
    ids=["azure", "bedrock_runtime", "bedrock_mantle", "ollama", "vllm", "openai"],
)
def test_each_supplier_is_asked_where_and_as_it_documents(kind, url, address, header):
    supplier = Supplier(kind, url, "m", "secret")

    assert supplier.address == address
    assert list(supplier.headers) == [header]
    assert "secret" not in repr(supplier)


@pytest.mark.parametrize(
    ("kind", "url", "model", "key"),
    [
        (Kind.AZURE, "https://north.openai.azure.com", "m", ""),
        (Kind.VLLM, "https://gpu.example/v1", "", ""),
        (Kind.VLLM, "https://gpu.example/v1?key=1", "m", ""),
        (Kind.VLLM, "https://me:pass@gpu.example/v1", "m", ""),
        (Kind.VLLM, "gpu.example", "m", ""),
    ],
    ids=["no_key", "no_model", "query", "password", "no_scheme"],
)
def test_a_supplier_that_cannot_be_asked_is_refused(kind, url, model, key):
    with pytest.raises(UsageError):
        Supplier(kind, url, model, key)


def test_the_key_is_shown_to_the_server_and_to_nobody_else():
    with fake_language_model([GOOD]) as served, HttpxClient() as http:
        model = ChatModel(Supplier(Kind.VLLM, served.url, "fake", "s3cret"), http)
        answer = model.ask(QUESTION, budget=Budget())

    assert served.headers[0]["authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(model) + repr(answer)


def test_no_model_beyond_this_machine_can_be_asked_in_tests():
    with HttpxClient() as http, pytest.raises(UsageError, match="cannot be asked here"):
        ChatModel(Supplier(Kind.OPENAI, "https://api.openai.com/v1", "m", "k"), http)
