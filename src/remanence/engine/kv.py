"""The keys of one namespace as its user sees them: a mutable mapping of JSON values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

import msgspec

from remanence.engine.history import Past
from remanence.engine.ingest import Draft, checked_version, key_of, put
from remanence.engine.namespace import Namespace
from remanence.errors import NoSuchKey
from remanence.records import Deleted
from remanence.types import Receipt, Value


class Values(Mapping[str, Any]):
    """JSON values by key, to be read. Values are copies. A key whose time to live has passed holds nothing."""

    def __init__(self, live: Callable[[], Namespace | Past]) -> None:
        self._live = live

    def entry(self, key: str) -> Value:
        """Return what a key holds, with its version and times.

        Raises:
            NoSuchKey: it holds nothing.
        """
        namespace = self._live()
        with namespace.lock:
            keys = namespace.state().keys
            held = keys.get(key, namespace.around.clock())
            version = keys.written(key)
        if held is None or held.value is None:
            raise NoSuchKey(f"no key {key!r} in namespace {namespace.name!r}")
        return Value(
            key=key,
            value=msgspec.json.decode(held.value),
            version=version,
            at_ns=held.at_ns,
            recorded_ns=held.recorded_ns,
            expires_ns=held.expires_ns or None,
        )

    def __getitem__(self, key: str) -> Any:
        namespace = self._live()
        with namespace.lock:
            held = namespace.state().keys.get(key, namespace.around.clock())
        if held is None or held.value is None:
            raise NoSuchKey(f"no key {key!r} in namespace {namespace.name!r}")
        return msgspec.json.decode(held.value)

    def __contains__(self, key: object) -> bool:
        namespace = self._live()
        with namespace.lock:
            return isinstance(key, str) and namespace.state().keys.get(key, namespace.around.clock()) is not None

    def __iter__(self) -> Iterator[str]:
        namespace = self._live()
        with namespace.lock:
            return iter(namespace.state().keys.living(namespace.around.clock()))

    def __len__(self) -> int:
        namespace = self._live()
        with namespace.lock:
            return len(namespace.state().keys.living(namespace.around.clock()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._live().name!r})"


class Kv(Values, MutableMapping[str, Any]):
    """JSON values by key. Values are copies: to change one, put it back.

    Every write is a record of the log, so what a key held at any moment can be read there. Two processes see each
    other's writes, and `if_version` tells them from each other's. A key whose time to live has passed holds nothing.
    """

    def __init__(self, live: Callable[[], Namespace]) -> None:
        super().__init__(live)
        self._writing = live

    def put(
        self,
        key: str,
        value: Any,
        *,
        if_version: int | None = None,
        ttl: float | None = None,
        durable: bool = False,
    ) -> Receipt:
        """Give a key a value.

        Args:
            key: at most 512 bytes of UTF-8.
            value: what JSON can hold.
            if_version: write only if the key is at this version; 0: only if it holds nothing.
            ttl: seconds after which the key holds nothing; left out: for good.
            durable: return only when it is on the disk.

        Returns:
            A receipt with the new version.

        Raises:
            Conflict: the key is at another version than `if_version`; nothing was written.
            InvalidInput: with what is wrong; nothing was written.

        Cost: about 0.1 ms; 0.6 ms and more when durable.
        """
        namespace = self._writing()
        around = namespace.around
        draft = put(key, value, config=around.config, ttl_s=ttl, now_ns=around.clock(), if_version=if_version)
        return namespace.write([draft], durable=durable)

    def delete(self, key: str, *, if_version: int | None = None, durable: bool = False) -> Receipt:
        """Empty a key.

        Raises:
            NoSuchKey: it holds nothing.
            Conflict: as `put`.
        """
        draft = Draft(Deleted(key_of("key", key)), if_version=checked_version(if_version))
        return self._writing().write([draft], durable=durable)

    def __setitem__(self, key: str, value: Any) -> None:
        self.put(key, value)

    def __delitem__(self, key: str) -> None:
        self.delete(key)
