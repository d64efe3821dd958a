"""A Milvus server: every call has a time limit, and what goes wrong is told in one line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from ..errors import EngineError, LibraryError

CONNECTING, READING, WRITING = 10, 20, 120
"""Seconds to wait for an answer."""
_SCHEMES = ("http", "https", "tcp", "unix")
_NO_COLLECTION = 100
_LONGEST_REASON = 200


class MissingError(EngineError):
    """The server does not have a collection."""


def _is_remote(uri: str) -> bool:
    """Tell whether a URI has the form of a server's address."""
    try:
        parts = urlsplit(uri)
        return parts.scheme in _SCHEMES and parts.port != 0  # which reads the port
    except ValueError:
        return False


class Connection:
    """The server at a URI, or the file ending in `.db` that milvus-lite keeps; reached when needed."""

    def __init__(self, uri: str, token: str) -> None:
        """Take note of where the server is; raises LibraryError for what can be no URI."""
        remote = _is_remote(uri)
        if "@" in uri.partition("://")[2].partition("/")[0]:
            raise LibraryError(
                "--uri: 地址里不能写密码，请放进 YUANWEN_ENGINE_TOKEN / a password in an address is seen by others; "
                "put it into YUANWEN_ENGINE_TOKEN"
            )
        if not remote and not uri.endswith(".db"):
            raise LibraryError(
                f"{uri}: 不是 Milvus 的地址，应如 http://host:19530，或以 .db 结尾的文件 / no address of Milvus; "
                "it looks like http://host:19530, or is a file that ends in .db"
            )
        self._is_file = not remote
        self.uri = uri if remote else str(Path(uri).absolute())
        self._token = token
        self._made: Any = None
        self._lock = Lock()

    def read(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method of pymilvus' client that changes nothing."""
        return self._call(method, *arguments, timeout=READING, **named)

    def write(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method of pymilvus' client that changes something."""
        return self._call(method, *arguments, timeout=WRITING, **named)

    def _call(self, method: str, *arguments: Any, **named: Any) -> Any:
        with self.telling():
            return getattr(self._client(), method)(*arguments, **named)

    def rows(
        self, collection: str, fields: list[str], partition: str
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield every row of a part of a collection, some at a time."""
        found = self.read(
            "query_iterator",
            *(collection, 1000),
            filter="",
            output_fields=fields,
            partition_names=[partition],
        )
        while True:
            with self.telling():
                batch = found.next()
            if not batch:
                break
            yield batch
        found.close()

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                client = _pymilvus().MilvusClient
                # milvus-lite hangs up on who asks it every few seconds whether it is there.
                quiet = {"grpc.keepalive_permit_without_calls": False}
                self._made = client(
                    self.uri, token=self._token, timeout=CONNECTING, grpc_options=quiet
                )
            return self._made

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Turn what pymilvus raises into a LibraryError of one line."""
        milvus = _pymilvus()
        import grpc

        try:
            yield
        except milvus.MilvusException as error:
            if error.code == _NO_COLLECTION:
                raise MissingError(self._told(error.message)) from None
            raise LibraryError(self._told(error.message)) from None
        except grpc.RpcError as error:
            reason = error.details() if isinstance(error, grpc.Call) else str(error)
            raise LibraryError(self._told(reason)) from None
        except OSError as error:
            raise LibraryError(self._told(str(error))) from None

    def _told(self, reason: str | None) -> str:
        lines = (reason or "").splitlines() or ["?"]
        told = f"{self.uri}: Milvus 出错（{lines[0][:_LONGEST_REASON]}），"
        if self._is_file:
            return told + "同一文件只能由一个进程打开 / Milvus failed; one process can open a file"
        return told + (
            "请检查服务、地址和 YUANWEN_ENGINE_TOKEN / Milvus failed; check that it runs, its address and "
            "the token"
        )


def _pymilvus() -> ModuleType:
    try:
        import pymilvus
    except ImportError:
        raise LibraryError(
            "pymilvus: 没有安装，请运行 pip install 'yuanwen[milvus]' / not installed; "
            "run pip install 'yuanwen[milvus]'"
        ) from None
    for name in ("pymilvus", "milvus_lite"):  # they log what they raise, with a traceback
        logging.getLogger(name).setLevel(logging.CRITICAL)
    module: ModuleType = pymilvus
    return module


def data_type(name: str) -> Any:
    """Return what pymilvus calls a type of field."""
    return getattr(_pymilvus().DataType, name)


def empty_schema() -> Any:
    """Return a schema to which fields are added; ids are ours."""
    return _pymilvus().MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)


def empty_index_params() -> Any:
    return _pymilvus().MilvusClient.prepare_index_params()
