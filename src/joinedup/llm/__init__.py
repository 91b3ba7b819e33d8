"""Language models behind one port: fixed forms of answers, nothing of them believed, none asked by default."""

from __future__ import annotations

from .budget import Budget
from .chat import ChatModel, HttpSender
from .delimit import as_data, known_ids, plain, visible
from .guard import close_real_calls, is_closed
from .model import Answer, LanguageModel, Outcome, Question, Reason
from .prompts import Prompt, read_prompt
from .recorded import RecordedModel, Recorder, read_recording
from .retry import Patience
from .schema import array, faults_of, obj, one_of, string
from .supplier import Kind, Supplier

__all__ = [
    "Answer",
    "Budget",
    "ChatModel",
    "HttpSender",
    "Kind",
    "LanguageModel",
    "Outcome",
    "Patience",
    "Prompt",
    "Question",
    "Reason",
    "RecordedModel",
    "Recorder",
    "Supplier",
    "array",
    "as_data",
    "close_real_calls",
    "faults_of",
    "is_closed",
    "known_ids",
    "obj",
    "one_of",
    "plain",
    "read_prompt",
    "read_recording",
    "string",
    "visible",
]
