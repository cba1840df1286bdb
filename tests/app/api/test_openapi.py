"""The OpenAPI document: complete, closed, and true to the routes."""

import re
from collections.abc import Iterator
from math import fsum
from typing import Any

import pytest
from flask import Flask

from app.api.openapi import examples
from app.api.operation import PREFIX, find_operation
from perks.client import ApiScope
from tests.app.api.speaking import Api

OPTIONAL = {  # what only some decisions come with
    "Decision": {"despite_signal", "name"},
    "MailConfirmation": {"despite_signal"},
    "ShareAnswer": {"despite_signal"},
}
METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture
def document(stranger: Api) -> dict[str, Any]:
    made: dict[str, Any] = stranger("GET", "/openapi.json").json
    return made


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            yield method, path, described


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def test_it_says_which_version_of_openapi_it_is(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": PREFIX}]
    assert {"title", "version"} <= document["info"].keys()


def test_it_has_every_route_of_the_api_and_no_other(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (method.lower(), re.sub(r"<(?:[^>]+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in set(rule.methods or ()) - {"HEAD", "OPTIONS"}
    }

    assert {(method, path) for method, path, _ in operations_of(document)} == routes
    assert {method for method, _ in routes} <= METHODS


def test_no_two_paths_differ_by_the_names_of_their_variables_alone(document: dict[str, Any]) -> None:
    shapes = [re.sub(r"{\w+}", "{}", path) for path in document["paths"]]

    assert len(set(shapes)) == len(shapes)


def test_every_view_of_the_api_says_what_it_does(app: Flask) -> None:
    endpoints = [rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]

    silent = [endpoint for endpoint in endpoints if find_operation(app.view_functions[endpoint]) is None]

    assert endpoints
    assert not silent


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = {node["$ref"] for node in walk(document) if "$ref" in node}

    assert references
    for reference in references:
        place: Any = document
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]


def test_every_operation_is_whole(document: dict[str, Any]) -> None:
    names = [described["operationId"] for _, _, described in operations_of(document)]
    assert len(set(names)) == len(names)

    for method, path, described in operations_of(document):
        in_path = {parameter["name"] for parameter in described["parameters"] if parameter["in"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert described["summary"]
        of_brand = [[{"brand": [scope.value]}] for scope in ApiScope]
        assert described["security"] in ([], [{"token": []}], *of_brand)
        assert (described["security"] in of_brand) == path.startswith("/brand/")
        assert all(answer["description"] for answer in described["responses"].values())
        assert ("requestBody" in described) <= (method != "get")


def test_every_object_that_is_sent_or_answered_is_closed(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    open_ones = [name for name, schema in schemas.items() if schema["additionalProperties"] is not False]

    assert open_ones == ["Problem"]  # the facts of a refusal differ from type to type
    for name, schema in schemas.items():
        required = sorted(set(schema["properties"]) - OPTIONAL.get(name, set()))
        assert name == "Problem" or required == schema["required"]


def test_the_example_of_every_body_is_one_the_operation_takes(app: Flask) -> None:
    taken = [
        about
        for view in app.view_functions.values()
        if (about := find_operation(view)) is not None and about.takes is not None
    ]

    assert taken
    for about in taken:
        assert about.takes is not None
        assert not about.takes().validate(about.example)


def test_the_example_of_every_answer_is_one_the_operation_gives(app: Flask) -> None:
    given = [
        schema
        for view in app.view_functions.values()
        if (about := find_operation(view)) is not None
        for schema in about.answer.schemas
    ]

    assert {schema.__name__.removesuffix("Schema") for schema in given} == examples().keys()
    for schema in given:
        assert not schema().validate(examples()[schema.__name__.removesuffix("Schema")])


def test_the_score_of_the_example_adds_up() -> None:
    shown = examples()["Score"]

    assert shown["base"] + fsum(one["points"] for one in shown["criteria"]) == pytest.approx(
        shown["exact"], abs=1e-9
    )
    compared = shown["comparison"]
    assert compared["base"] + fsum(compared["values"].values()) == pytest.approx(shown["exact"], abs=1e-9)


def test_every_refusal_has_its_form_and_an_example(document: dict[str, Any]) -> None:
    for _, _, described in operations_of(document):
        for status, answer in described["responses"].items():
            if int(status) >= 400:
                content = answer["content"]["application/problem+json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert all(shown["value"]["status"] == int(status) for shown in content["examples"].values())


def test_every_refusal_has_a_page_that_explains_it(app: Flask, document: dict[str, Any]) -> None:
    types = {node["type"] for node in walk(document) if str(node.get("type", "")).startswith("/problems/")}

    missing = [kind for kind in types if app.test_client().get(kind).status_code != 200]

    assert types
    assert not missing
