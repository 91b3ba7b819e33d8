"""The API for machine clients: the apps' routers put together, each under its rule, with its own description.

A rule stands on an endpoint's function; here it is handed on to the address, where the gate looks for it. Errors
have the form that they have everywhere: error (a word), what, where, mend.
"""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError

from joinedup_web.feedback.act_api import router as measures_router
from joinedup_web.feedback.intake_api import router as intake_router
from joinedup_web.gate.decide import Refused
from joinedup_web.gate.rules import Rule, for_everyone, rule_of
from joinedup_web.identity.api import router as identity_router
from joinedup_web.identity.scopes import SCOPES
from joinedup_web.linkage.api import router as linkage_router
from joinedup_web.person_index.api import router as person_index_router

VERSION, PREFIX = "1", "/api/v1"
ROUTERS: tuple[Router, ...] = (
    identity_router,
    linkage_router,
    person_index_router,
    measures_router,
    intake_router,
)

api = NinjaAPI(
    title="Joinedup",
    version=VERSION,
    description="Data about linkage for systems of the organisations that use this service. "
    "No endpoint gives a person's record.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
)
for each in ROUTERS:
    api.add_router("", each)


@api.exception_handler(ValidationError)
def _bad_values(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    first = problem.errors[0]
    where = ".".join(str(part) for part in first["loc"] if part not in {"query", "path", "body"})
    return _error(
        request, "bad_request", 400, what=f"{where}: {first['msg']}", mend="see /api/docs for what it takes"
    )


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, problem: Http404) -> HttpResponse:
    return _error(request, "not_found", 404, what="there is no such thing", mend="check its id")


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, problem: HttpError) -> HttpResponse:
    return _error(request, "bad_request", problem.status_code, what=str(problem), mend="see /api/docs")


@api.exception_handler(Refused)
def _refused(request: HttpRequest, problem: Refused) -> HttpResponse:
    raise problem  # the gate's own answer, and its event


def _error(request: HttpRequest, error: str, status: int, *, what: str, mend: str) -> HttpResponse:
    told = {"error": error, "what": what, "where": request.path, "mend": mend}
    return JsonResponse(told, status=status)


def document() -> dict[str, Any]:
    """The OpenAPI description, with scopes, the errors and the token endpoint."""
    told = dict(api.get_openapi_schema(path_prefix=f"{PREFIX}/"))
    told["components"] = {
        **told.get("components", {}),
        "securitySchemes": {
            "client": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": reverse("identity:token"),
                        "scopes": {scope.code: scope.what for scope in SCOPES},
                    }
                },
            }
        },
    }
    told["components"].setdefault("schemas", {})["Error"] = _ERROR
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    rules = _rules()
    for address, methods in told["paths"].items():
        for operation in methods.values():
            operation["security"] = [{"client": [rules[address].scope]}]
            for status, words in _REFUSALS.items():
                operation["responses"][status] = {"description": words, **answer}
    return told


@for_everyone("a description of the API tells nothing about anybody")
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description as JSON."""
    return JsonResponse(document(), json_dumps_params={"indent": 2})


@for_everyone("a description of the API tells nothing about anybody")
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same description as a page, made here: no script, nothing from elsewhere."""
    told = document()
    schemas = told["components"]["schemas"]
    operations = [
        {
            "method": method.upper(),
            "address": address,
            "id": operation["operationId"],
            "summary": operation["summary"],
            "description": operation.get("description", ""),
            "scope": operation["security"][0]["client"][0],
            "parameters": operation.get("parameters", []),
            "sent": _sent(schemas, operation),
            "fields": _fields(schemas, operation["responses"][200]["content"]["application/json"]["schema"]),
        }
        for address, methods in told["paths"].items()
        for method, operation in methods.items()
    ]
    context = {"told": told, "operations": operations, "scopes": SCOPES, "refusals": _REFUSALS}
    return render(request, "config/api_docs.html", context)


def _sent(schemas: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, str]]:
    """Every field of what is sent to an operation; empty where nothing is."""
    body = operation.get("requestBody")
    return _fields(schemas, body["content"]["application/json"]["schema"]) if body else []


def _fields(schemas: dict[str, Any], schema: dict[str, Any], before: str = "") -> list[dict[str, str]]:
    """Every field of an answer, those within others after them, as `runs[].figures.people`."""
    told: list[dict[str, str]] = []
    for name, given in _resolved(schemas, schema).get("properties", {}).items():
        kind, inner, is_list = _type(schemas, given)
        place = f"{before}{name}"
        told.append({"name": place, "type": kind, "what": given.get("description", "")})
        if inner:
            told += _fields(schemas, inner, f"{place}[]." if is_list else f"{place}.")
    return told


def _type(schemas: dict[str, Any], given: dict[str, Any]) -> tuple[str, dict[str, Any] | None, bool]:
    """A field's type in words, what it is made of, and whether it is a list of those."""
    if "anyOf" in given:
        kinds = [_type(schemas, one)[0] for one in given["anyOf"]]
        return " or ".join(kinds), None, False
    if given.get("type") == "array":
        return "list", given["items"] if "$ref" in given["items"] else None, True
    if "$ref" in given:
        return "object", given, False
    words = {"date-time": "date and time", "uuid": "UUID"}
    return words.get(given.get("format", ""), given.get("type", "any")), None, False


def _resolved(schemas: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schemas[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
    return found


def _rules() -> dict[str, Rule]:
    """The rule of each address, as the OpenAPI description writes it."""
    found: dict[str, Rule] = {}
    for router in ROUTERS:
        for address, view in router.path_operations.items():
            rules = {rule_of(operation.view_func) for operation in view.operations}
            if len(rules) != 1 or None in rules:
                raise RuntimeError(f"the endpoints at {address} have not one rule")
            (rule,) = rules
            assert rule is not None
            found[f"{PREFIX}{address}"] = rule
    return found


def _ruled() -> list[URLPattern | URLResolver]:
    """The addresses of the API, each view with its rule. Ninja's own start page has none and is left out."""
    rules = _rules()
    patterns = [each for each in api.urls[0] if getattr(each, "name", "") != "api-root"]
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        pattern.callback.rule = rules[f"{PREFIX}/{address}"]  # type: ignore[attr-defined]
    return patterns


_ERROR = {
    "title": "Error",
    "type": "object",
    "properties": {
        "error": {"type": "string", "description": "A word for programs"},
        "what": {"type": "string", "description": "What was wrong"},
        "where": {"type": "string", "description": "Where it was wrong"},
        "mend": {"type": "string", "description": "How to mend it"},
    },
}
_REFUSALS = {
    400: "A parameter is not what it may be",
    401: "There is no access token, or it is over",
    403: "The token is not for this",
    404: "There is no such thing in your organisation",
}

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("docs", docs, name="docs"),
    path("openapi.json", openapi, name="openapi"),
    path("v1/", include((_ruled(), "ninja"), namespace="v1")),
]
