"""Kinds of event, a file for each subject; joinedup.audit.event puts them together."""

from joinedup.audit.kinds import act, casework, collect, protect, text, understand

KINDS = (*collect.KINDS, *protect.KINDS, *understand.KINDS, *act.KINDS, *casework.KINDS, *text.KINDS)
