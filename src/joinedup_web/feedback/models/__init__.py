"""What people say and what becomes of it."""

from joinedup_web.feedback.models.act import CommentCase, Improvement, ImprovementState, PublishedQuote
from joinedup_web.feedback.models.collect import (
    Channel,
    CollectionPoint,
    Ending,
    Form,
    FormKind,
    FormState,
    FormVersion,
    Import,
    Invitation,
    InvitationBatch,
    JobState,
)
from joinedup_web.feedback.models.protect import Flag, FlagKind, FlagOutcome, MaskCorrection
from joinedup_web.feedback.models.response import Comment, Contact, Response, ResponseState
from joinedup_web.feedback.models.service import Digest, DigestChoice, Service, ServiceFigures
from joinedup_web.feedback.models.understand import (
    Analysis,
    Fate,
    RouteSuggestion,
    Tag,
    TagAssignment,
    Theme,
    ThemeAssignment,
    ThemeState,
)

__all__ = [
    "Analysis",
    "Channel",
    "CollectionPoint",
    "Comment",
    "CommentCase",
    "Contact",
    "Digest",
    "DigestChoice",
    "Ending",
    "Fate",
    "Flag",
    "FlagKind",
    "FlagOutcome",
    "Form",
    "FormKind",
    "FormState",
    "FormVersion",
    "Import",
    "Improvement",
    "ImprovementState",
    "Invitation",
    "InvitationBatch",
    "JobState",
    "MaskCorrection",
    "PublishedQuote",
    "Response",
    "ResponseState",
    "RouteSuggestion",
    "Service",
    "ServiceFigures",
    "Tag",
    "TagAssignment",
    "Theme",
    "ThemeAssignment",
    "ThemeState",
]
