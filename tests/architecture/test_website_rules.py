"""What holds for every page of the website, whoever wrote it: a rule, a permission, a deed, an event."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.urls import reverse

from joinedup.audit import EVENT_KINDS
from joinedup.settings import VARIABLES
from joinedup_web.accounts.home import _TASKS
from joinedup_web.design.navigation import ENTRIES
from joinedup_web.gate.permissions import permissions, role_kinds, separations
from support.addresses import addresses
from support.tree import ROOT, place

SITE = ROOT / "src" / "joinedup_web"
WRITES = {
    *("save", "create", "update", "delete"),
    *("bulk_create", "bulk_update", "update_or_create", "get_or_create"),
}

# Kinds of event that nothing records yet, each with the room that will.
KINDS_TO_COME: dict[str, str] = {}
# Permissions that no page asks for, each with where it is used instead.
PERMISSIONS_ELSEWHERE: dict[str, str] = {}
# Writes that are no deed, by file and function: nothing that anybody did to the service's data.
WRITES_WITHOUT_A_DEED = {
    "accounts/lockout.py:count_failure": "counts of failures; the attempt itself is the event",
    "accounts/lockout.py:forget_failures": "the same",
    "accounts/models/people.py:create_user": "the manager's method, which deeds call",
    "accounts/roles.py:keep_roles_in_step": "shipped roles follow the release, after its migrations",
    "accounts/sessions.py:staff_actor": "when a session was last used, once a minute",
    "accounts/upkeep.py:tidy_up": "counts and sessions that are over",
    "accounts/views/provider.py:come_back": "when an identity was last used; the sign-in's own event follows at once",
    "feedback/actions/imports.py:give_back": "the import waits again; import.finished or import.failed follows",
    "feedback/import_job.py:_beat": "how far a job is",
    "feedback/actions/analyses.py:give_back": "it waits again; analysis.finished or analysis.failed follows",
    "feedback/analysis_jobs.py:beat": "how far a job is",
    "feedback/reading_job.py:round": "which worker reads for an organisation; reading.done follows each batch",
    "feedback/reading_job.py:_claim": "the same",
    "feedback/reading_job.py:_stand_still": "why a job stands still; nothing was read",
    "casework/upkeep.py:let_case_go": "part of retention.applied",
    "feedback/invitation_job.py:_send": "how far a job is; invitations.sent follows",
    "feedback/invitation_job.py:send_batch": "the same",
    "identity/limits.py:count": "counts of attempts",
    "identity/sessions.py:citizen_actor": "when a session was last used, once a minute",
    "identity/stores.py:put": "what the sign-in protocol remembers between two requests",
    "identity/stores.py:take": "the same",
    "identity/stores.py:is_first": "the same",
    "feedback/actions/masks.py:_everywhere": "part of response.mask_corrected",
    "feedback/actions/masks.py:_kept": "part of response.mask_corrected and response.masked_anew",
    "feedback/blocks.py:block_for": "how often a block was met; part of response.received",
    "feedback/flag_messages.py:_tell": "how often nobody could be told; flag.nobody_told says so",
    "feedback/keeping.py:let_originals_go": "senders' marks; what was masked goes by a deed",
    "feedback/keeping.py:let_response_go": "part of retention.applied",
    "identity/actions/clients.py:_keep": "part of two deeds, which record it",
    "identity/keeping.py:let_go": "what a protocol remembered and is over; sessions and accounts go by deeds",
    "identity/keeping.py:delete_again": "which accounts were deleted before; each deletion is a deed",
    "linkage/actions/runs.py:finish_cancelling": "the end of what link_job.cancelled recorded",
    "linkage/jobs.py:measure_source": "how far a job is",
    "linkage/jobs.py:on_progress": "how far a job is",
    "linkage/review.py:take_in_pairs": "part of link_job.finished",
    "operations/keeping.py:erase_from_project": "carries out erasure.decided; erasure.carried_out follows",
    "operations/keeping.py:_erase_from_source": "the same",
    "operations/stores.py:_let_source_go": "part of retention.applied",
    "operations/stores.py:_let_run_go": "the same",
    "operations/stores.py:_let_pair_go": "the same",
    "operations/stores.py:_let_index_go": "the same",
    "person_index/actions.py:give_back": "the change waits again; index.changed or index.change_failed follows",
    "person_index/erase.py:erase_from_index": "carries out erasure.decided; erasure.carried_out follows",
    "person_index/jobs.py:beat": "how far a job is",
    "text/actions.py:give_back": "the evaluation waits again; evaluation.finished or evaluation.failed follows",
    "text/jobs.py:beat": "how far a job is",
    "text/uses.py:keep_use": "a use of a model is itself a record; deeds and jobs keep it as they read",
}
# The audit record writes itself: a deed about writing down a deed would never end.
THE_RECORD_ITSELF = "audit/"


def test_every_address_has_a_rule():
    """API operations, too: the gate finds the rule on the view that the resolver names."""
    without = [address.path for address in addresses() if address.rule is None]

    assert without == []


def test_every_address_has_a_name_of_its_own():
    named = Counter(address.name for address in addresses())

    assert [name for name, times in named.items() if times > 1 or not name] == []


def test_every_page_of_the_navigation_and_of_the_staff_home_is_there():
    assert [entry.view for entry in ENTRIES if not _is_there(entry.view)] == []
    assert [task.view for task in _TASKS.values() if not _is_there(task.view)] == []


def test_navigation_and_home_ask_for_what_the_page_itself_asks_for():
    """Else somebody is led to a page that refuses them, or is never led to one that they may use."""
    rules = {address.name: address.rule for address in addresses()}
    shown = [(entry.view, entry.permission) for entry in ENTRIES]

    assert [
        view for view, asked in shown if (rules[view].permission if view in rules else asked) != asked
    ] == []


def test_every_permission_is_used_and_every_permission_of_a_role_exists():
    used = {address.rule.permission for address in addresses() if address.rule} | _permissions_in_code()

    assert set(permissions()) - used - set(PERMISSIONS_ELSEWHERE) == set()
    assert [code for code in PERMISSIONS_ELSEWHERE if code in used] == []
    assert {code for role in role_kinds().values() for code in role.permissions} <= set(permissions())
    assert {code for rule in separations() for code in (rule.first, rule.second)} <= set(permissions())


def test_every_permission_is_given_by_some_shipped_role():
    given = {code for role in role_kinds().values() for code in role.permissions}

    assert set(permissions()) - given == set()


def test_what_holds_over_all_organisations_is_given_by_platform_roles_alone():
    platform = {code for code, permission in permissions().items() if permission.platform}

    assert [
        role.code for role in role_kinds().values() if not role.platform and role.permissions & platform
    ] == []


def test_rows_are_written_in_deeds_alone():
    """Each function that writes is an action, or takes the deed that it is part of, or is listed with its reason."""
    found = {
        f"{file}:{function}": f"{file}:{line}"
        for file, function, line, is_deed in _writes()
        if not is_deed and not file.startswith(THE_RECORD_ITSELF)
    }

    assert {name: where for name, where in found.items() if name not in WRITES_WITHOUT_A_DEED} == {}
    assert [name for name in WRITES_WITHOUT_A_DEED if name not in found] == []


def test_every_setting_is_documented():
    page = (ROOT / "docs/reference/settings.md").read_text("utf-8")

    assert [variable.name for variable in VARIABLES if f"`{variable.name}`" not in page] == []


def test_every_event_that_is_recorded_is_listed_and_every_listed_one_is_recorded():
    recorded = {
        place(file, node.lineno): node.args[0].value
        for file, tree in _parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "record"
        and ast.unparse(node.func.value).endswith("deed")
        and isinstance(node.args[0], ast.Constant)
    }
    named = {
        node.value
        for _, tree in _parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert {where: kind for where, kind in recorded.items() if kind not in EVENT_KINDS} == {}
    assert sorted(set(EVENT_KINDS) - named) == sorted(KINDS_TO_COME)


def _is_there(view: str) -> bool:
    named = {address.name: address for address in addresses()}
    return view in named and not named[view].takes and bool(reverse(view))


def _permissions_in_code() -> set[str]:
    """Permissions that an action or a query asks the gate for."""
    asking = {"action", "decide", "require", "keep_apart", "may", "_may"}
    return {
        argument.value
        for _, tree in _parsed()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in asking
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def _writes() -> Iterator[tuple[str, str, int, bool]]:
    """File, function, line, and whether it is part of a deed, of every call that writes rows."""
    for file, tree in _parsed():
        for function, call in _calls(tree, ()):
            if _is_write(call):
                name = function[-1].name if function else "module"
                yield str(file.relative_to(SITE)), name, call.lineno, any(map(_is_deed, function))


def _calls(
    node: ast.AST, inside: tuple[ast.FunctionDef, ...]
) -> Iterator[tuple[tuple[ast.FunctionDef, ...], ast.Call]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield inside, child
        yield from _calls(child, (*inside, child) if isinstance(child, ast.FunctionDef) else inside)


def _is_write(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITES:
        return False
    receiver = ast.unparse(call.func.value)
    if call.func.attr in ("save", "delete"):
        return not receiver.endswith("session") and not receiver.startswith(("segno.", "super()"))
    return any(part in receiver for part in (".objects", ".filter(", ".exclude(", ".all()"))


def _is_deed(function: ast.FunctionDef) -> bool:
    decorated = any(ast.unparse(each).startswith("action(") for each in function.decorator_list)
    return decorated or bool(function.args.args and function.args.args[0].arg == "deed")


@cache
def _parsed() -> tuple[tuple[Path, ast.Module], ...]:
    files = sorted(file for file in SITE.rglob("*.py") if "migrations" not in file.parts)
    return tuple((file, ast.parse(file.read_text("utf-8"), filename=str(file))) for file in files)


def test_every_page_is_titled_by_its_heading():
    """By the templates' sources: each heading's words, without the caption in it, stand in the title's."""
    wrong = []
    for file in sorted(SITE.rglob("templates/**/*.html")):
        source = file.read_text()
        title = re.search(r"{% block title %}(.*?){% endblock %}", source, re.S)
        headings = re.findall(r"<h1[^>]*>(.*?)</h1>", source, re.S)
        for heading in headings if title and title[1] else ():
            own = re.sub(r'<span class="govuk-caption[^>]*>.*?</span>', "", heading, flags=re.S).strip()
            if own not in title[1]:
                wrong.append(f"{file.relative_to(SITE)}: {title[1]!r} and {own!r}")

    assert wrong == []


def test_no_page_writes_a_signed_number_itself():
    """The filter `bits` does: it never writes a negative nought."""
    writers = [file.name for file in SITE.rglob("templates/**/*.html") if "%+" in file.read_text()]

    assert writers == []
