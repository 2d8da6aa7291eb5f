"""The committed schema as the reference page shows it: operations by tag, references followed, types in words."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import resolve
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dscr.access.roles import MAY, Role, Scope
from dscr.access.rules import PUBLIC, SIGNED_IN, rule_of
from dscr.api.errors import MEDIA_TYPE
from dscr.api.schema_endpoint import document

# What stands for a path's parameter in an example.
SAMPLES = {
    "id": "3",
    "grant": "3",
    "scenario_id": "7",
    "ndc": "0002-0800",
    "molecule": "CISPLATIN",
    "version": "2026.1",
    "quarter_end": "2026-09-30",
    "case": "12",
    "element": "MC1",
    "assignment": "31",
    "calibration": "4",
    "case_file": "8",
    "comment": "19",
    "contact": "9",
    "file": "5",
    "finding": "77",
    "sheet": "questionnaire",
    "site_grant": "6",
    "number": "1",
    "asked": "5",
    "pair": "21",
    "merge": "3",
    "evidence": "14",
    "evidence_file": "8",
}
# In the order in which one meets them; any other tag comes after.
TAGS = (
    "tokens",
    "ratings",
    "molecules",
    "products",
    "shortages",
    "establishments",
    "merges",
    "assessments",
    "calibration",
    "quarterly figures",
    "supply nodes",
    "grants",
    "methodology",
    "planning",
)
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "date": "date, YYYY-MM-DD",
    "date-time": "time with its zone, as in RFC 3339",
    "uri": "address",
}
FILES = {"file": "levels.xlsx"}  # what stands for the part of a form
DEEPEST = 8  # levels of a body's fields


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter (place: query, path or header) or a member of a body (place: "")."""

    name: str
    place: str
    type: str
    meaning: SafeString
    required: bool


@dataclass(frozen=True, slots=True)
class Example:
    label: str
    text: str  # JSON


@dataclass(frozen=True, slots=True)
class Body:
    media_type: str
    fields: tuple[Field, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """is_problem: its shape and example stand with the errors, by status."""

    status: str
    meaning: SafeString
    headers: tuple[str, ...]
    body: Body | None
    is_problem: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """curl and sample go into one command, with the site's address between them."""

    id: str
    verb: str
    path: str
    words: SafeString
    readers: tuple[str, ...]
    parameters: tuple[Field, ...]
    body: Body | None
    answers: tuple[Answer, ...]
    curl: str
    sample: str

    @property
    def short_path(self) -> str:
        return self.path.removeprefix("/api/v1/")


@dataclass(frozen=True, slots=True)
class Group:
    tag: str
    operations: tuple[Operation, ...]

    @property
    def label(self) -> str:
        return self.tag.capitalize()


@dataclass(frozen=True, slots=True)
class Reference:
    groups: tuple[Group, ...]
    problems: tuple[Answer, ...]
    problem_fields: tuple[Field, ...]


@cache
def reference() -> Reference:
    """All of the schema, read once by every process."""
    schema = document()
    groups: dict[str, list[Operation]] = {tag: [] for tag in TAGS}
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(verb.upper(), path, operation))
    responses = schema["components"]["responses"].items()
    return Reference(
        groups=tuple(Group(tag, tuple(found)) for tag, found in groups.items() if found),
        problems=tuple(_answer(name.removeprefix("Problem"), response) for name, response in responses),
        problem_fields=tuple(_fields(schema["components"]["schemas"]["Problem"])),
    )


def prose(text: str) -> SafeString:
    """Paragraphs of the schema's descriptions, with `code` marked."""
    paragraphs = ((line(paragraph),) for paragraph in text.strip().split("\n\n"))
    return format_html_join("", "<p>{}</p>", paragraphs)


def line(text: str) -> SafeString:
    parts = (
        (format_html("<code>{}</code>", part) if index % 2 else part,) for index, part in enumerate(text.split("`"))
    )
    return format_html_join("", "{}", parts)


def _operation(verb: str, path: str, operation: dict[str, Any]) -> Operation:
    sample = path.format(**SAMPLES)
    body = _body(operation.get("requestBody", {}))
    return Operation(
        id=operation["operationId"],
        verb=verb,
        path=path,
        words=prose(operation["description"]),
        readers=_readers(rule_of(resolve(sample).view_name)),
        parameters=tuple(_parameter(parameter) for parameter in operation.get("parameters", ())),
        body=body,
        answers=tuple(_answer(status, response) for status, response in operation["responses"].items()),
        curl=_curl(verb, body, with_token=bool(operation.get("security"))),
        sample=sample,
    )


def _readers(rule: str) -> tuple[str, ...]:
    """Who may, one line for each extent of the right."""
    if rule == PUBLIC:
        return ("Everyone, without a token.",)
    if rule == SIGNED_IN:
        return ("Everyone who has a token.",)
    granted = MAY[rule]
    if set(granted.values()) == {Scope.ALL}:
        return (_roles(granted, Scope.ALL),)
    scopes = (scope for scope in Scope if scope in granted.values())
    return tuple(f"{scope.label}: {_roles(granted, scope)}" for scope in scopes)


def _roles(granted: dict[str, Scope], scope: Scope) -> str:
    return ", ".join(str(role.label) for role in Role if granted.get(role) == scope) + "."


def _curl(verb: str, body: Body | None, *, with_token: bool) -> str:
    options = [] if verb == "GET" or (verb == "POST" and body) else [f"-X {verb}"]
    if with_token:
        options.append('-H "Authorization: Token $DSCR_TOKEN"')
    if body and body.media_type.startswith("multipart/"):
        options += [f"-F {field.name}=@{FILES.get(field.name, 'document.pdf')}" for field in body.fields]
    elif body:
        options.append(f'-H "Content-Type: {body.media_type}"')
        options += [f"-d {shlex.quote(json.dumps(json.loads(example.text)))}" for example in body.examples[:1]]
    return "curl " + "".join(f"{option} \\\n  " for option in options)


def _parameter(parameter: dict[str, Any]) -> Field:
    words = _type(parameter["schema"])
    if parameter["schema"].get("type") == "array":
        words = _type(parameter["schema"]["items"]) + "; may be repeated"
    return Field(
        parameter["name"], parameter["in"], words, line(parameter["description"]), parameter.get("required", False)
    )


def _answer(status: str, response: dict[str, Any]) -> Answer:
    response = _meant(response)
    return Answer(
        status=status,
        meaning=line(response["description"]),
        headers=tuple(response.get("headers", ())),
        body=_body(response),
        is_problem=MEDIA_TYPE in response.get("content", {}),
    )


def _body(holder: dict[str, Any]) -> Body | None:
    for media_type, content in holder.get("content", {}).items():
        examples = [(item.get("summary", ""), item["value"]) for item in content.get("examples", {}).values()]
        if "example" in content:
            examples.append(("", content["example"]))
        shown = tuple(Example(label, json.dumps(value, indent=2, ensure_ascii=False)) for label, value in examples)
        return Body(media_type, tuple(_fields(content["schema"])), shown)
    return None


def _fields(schema: dict[str, Any], within: str = "", depth: int = 0) -> Iterator[Field]:
    """Every member of an object, the inner ones too: `results[].ndc`, `levels.*.note` where each key is a code."""
    schema = _meant(schema)
    while inner := schema.get("items") or schema.get("additionalProperties"):
        schema, within = _meant(inner), f"{within}{'[]' if 'items' in schema else '.*'}"
    for name, member in schema.get("properties", {}).items():
        path = f"{within}.{name}" if within else name
        meant = _meant(member)
        meaning = meant.get("description") or _meant(meant.get("items", {})).get("description", "")
        yield Field(path, "", _type(member), line(meaning), name in schema.get("required", ()))
        if depth < DEEPEST:
            yield from _fields(member, path, depth + 1)


def _meant(schema: dict[str, Any]) -> dict[str, Any]:
    """Without references: `$ref`, `allOf` and `oneOf` with null are replaced by what they say; own words win."""
    own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf", "oneOf")}
    if "$ref" in schema:
        found: Any = document()
        for key in schema["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return _meant(found) | own
    parts = schema.get("allOf") or schema.get("oneOf") or ()
    meant: dict[str, Any] = {}
    for part in parts:
        if part != {"type": "null"}:
            meant |= _meant(part)
    if {"type": "null"} in parts:
        meant["type"] = [meant.get("type", "object"), "null"]
    return meant | own


def _type(schema: dict[str, Any]) -> str:
    """In words, with its bounds."""
    schema = _meant(schema)
    kinds = schema.get("type", "object")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    kind = kinds[0]
    if "enum" in schema:
        words = "one of " + ", ".join(str(value) for value in schema["enum"] if value is not None)
    elif kind == "array":
        words = "list of: " + _type(schema["items"])
    elif kind == "object":
        inner = schema.get("additionalProperties")
        words = f"object, each value: {_type(inner)}" if inner else "object"
    else:
        words = TYPES.get(schema.get("format", ""), TYPES.get(kind, kind))
    return words + _bounds(schema) + (", or null" if "null" in kinds else "")


def _bounds(schema: dict[str, Any]) -> str:
    words = ""
    if "minimum" in schema and "maximum" in schema:
        words += f", {schema['minimum']} to {schema['maximum']}"
    if "maxLength" in schema:
        words += f", at most {schema['maxLength']:,} characters"
    if "maxItems" in schema:
        words += f", at most {schema['maxItems']:,}"
    return words + (f"; {schema['default']} if not given" if "default" in schema else "")
