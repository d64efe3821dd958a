"""The search engine that the options or the environment name."""

from __future__ import annotations

import os
from pathlib import Path

from index import LibraryError
from index.engine import Engine

ENGINES = ("embedded", "milvus")


def engine_named(engine: str | None = None, uri: str | None = None) -> Engine | None:
    """Return the engine to use, None for the embedded one.

    What is not given is read from `YUANWEN_ENGINE` and `YUANWEN_ENGINE_URI`; the token only from
    `YUANWEN_ENGINE_TOKEN`, or the file that `YUANWEN_ENGINE_TOKEN_FILE` names. Raises LibraryError
    for an engine that there is not, or one without the address it needs.
    """
    engine = engine or os.environ.get("YUANWEN_ENGINE") or "embedded"
    uri = uri or os.environ.get("YUANWEN_ENGINE_URI")
    if engine not in ENGINES:
        known = ", ".join(ENGINES)
        raise LibraryError(
            f"YUANWEN_ENGINE={engine}: 没有这种引擎，可用：{known} / no such engine; use one of: {known}"
        )
    if engine == "embedded":
        return None
    if not uri:
        raise LibraryError(
            "--engine milvus: 请用 --uri 或 YUANWEN_ENGINE_URI 给出地址，如 http://host:19530 / give its address "
            "with --uri or YUANWEN_ENGINE_URI, such as http://host:19530"
        )
    from index.milvus import Milvus

    return Milvus(uri, _token())


def _token() -> str:
    file = os.environ.get("YUANWEN_ENGINE_TOKEN_FILE")
    if not file:
        token = os.environ.get("YUANWEN_ENGINE_TOKEN", "")
        if not token.isprintable():
            raise LibraryError(
                "YUANWEN_ENGINE_TOKEN: 含有不能显示的字符，请重新设置 / holds characters that cannot be shown; set "
                "it again"
            )
        return token
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryError(
            f"{file}: 读不了 YUANWEN_ENGINE_TOKEN_FILE / cannot be read: {type(error).__name__}"
        ) from None
