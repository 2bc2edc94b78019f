"""Views on decoded JSON of unknown shape, so that each reader states what it expects once."""

from __future__ import annotations

from typing import Any, TypeGuard, cast


def is_object(node: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether a node is a JSON object."""
    return isinstance(node, dict)


def is_array(node: Any) -> TypeGuard[list[Any]]:
    """Return whether a node is a JSON array."""
    return isinstance(node, list)


def array(node: Any) -> list[Any]:
    """Return the node when it is an array, otherwise an array that holds it."""
    return cast("list[Any]", node) if isinstance(node, list) else [node]
