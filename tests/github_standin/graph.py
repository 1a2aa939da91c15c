"""GraphQL, executed against GitHub's published schema.

https://docs.github.com/en/graphql/reference
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    build_ast_schema,
    execute_sync,
    parse,
    validate,
    value_from_ast_untyped,
)
from npm import installed

from github_standin import nodes
from github_standin.viewing import GraphRefusalError, Viewer

if TYPE_CHECKING:
    from github_standin.hub import GitHub
    from github_standin.world import Token

_PACKAGE = "@octokit/graphql-schema@15.26.1"
_MOST_NODES = 500_000
_FILE = "@octokit/graphql-schema/schema.graphql"


@cache
def _schema() -> GraphQLSchema:
    """The whole schema, built once a process."""
    text = (installed(_PACKAGE) / _FILE).read_text(encoding="utf-8")
    schema = build_ast_schema(parse(text, no_location=True), assume_valid_sdl=True)
    schema._validation_errors = []  # noqa: SLF001 - it is valid, and looking costs half a second
    return schema


@lru_cache(maxsize=256)
def _checked(text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """A query, parsed, and what is wrong with it."""
    try:
        document = parse(text)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(_schema(), document))


def execute(hub: GitHub, token: Token, request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a query. One that does not fit the schema breaks the contract."""
    document, problems = _checked(request["query"])
    if document is None or problems:
        return {"errors": [{"type": "STANDIN", "message": f"GraphQL: {error.message}"} for error in problems]}
    variables = request.get("variables") or {}
    if (wanted := nodes_wanted(document, variables)) > _MOST_NODES:
        message = f"This query requests up to {wanted:,} possible nodes which exceeds the maximum limit of {_MOST_NODES:,}."
        return {"errors": [{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message}]}
    result = execute_sync(
        _schema(),
        document,
        root_value=nodes.root(Viewer(hub, token)),
        variable_values=variables,
        operation_name=request.get("operationName"),
        field_resolver=_resolve,
    )
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_told(error) for error in result.errors]
    return answer


def nodes_wanted(document: DocumentNode, variables: dict[str, Any]) -> int:
    """How many nodes a query may bring.

    https://docs.github.com/en/graphql/overview/resource-limitations#node-limit
    """
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}

    def below(selected: SelectionSetNode | None) -> int:
        return sum(one_field(field) for field in selected.selections) if selected else 0

    def one_field(field: SelectionNode) -> int:
        if isinstance(field, FragmentSpreadNode):
            return below(fragments[field.name.value].selection_set)
        if isinstance(field, InlineFragmentNode):
            return below(field.selection_set)
        assert isinstance(field, FieldNode)
        sizes = [
            value_from_ast_untyped(one.value, variables) for one in field.arguments or () if one.name.value in ("first", "last")
        ]
        return sizes[0] * (1 + below(field.selection_set)) if sizes and sizes[0] else below(field.selection_set)

    return sum(below(one.selection_set) for one in document.definitions if isinstance(one, OperationDefinitionNode))


def _resolve(source: Mapping[str, Any], info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """A field of a node: a value, or something that makes one of the field's arguments."""
    if info.field_name not in source:
        raise GraphRefusalError(f"the stand-in has no {info.parent_type.name}.{info.field_name}", "STANDIN")
    value = source[info.field_name]
    return value(**arguments) if callable(value) else value


def _told(error: GraphQLError) -> dict[str, Any]:
    """An error as GitHub tells it: its type stands beside message, path and places."""
    told: dict[str, Any] = dict(error.formatted)
    if isinstance(error.original_error, GraphRefusalError):
        told["type"] = error.original_error.kind
    elif error.original_error is not None:
        told = {"type": "STANDIN", "message": f"the stand-in failed: {error.original_error!r}"}
    elif error.path is None:
        told = {"type": "STANDIN", "message": f"GraphQL: {error.message}"}
    return told
