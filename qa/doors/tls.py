"""The certificate and key of the server, looked at before it starts."""

from __future__ import annotations

import ssl
from pathlib import Path

from .entry import EntryError

Tls = tuple[Path, Path | None]
"""The files of certificate and key; one file may hold both."""


def checked_tls(certificate: Path | None, key: Path | None) -> Tls | None:
    """Return certificate and key, which belong together; raises EntryError if they do not."""
    if certificate is None:
        if key:
            raise EntryError(f"--tls-key {key}: 还须有 --tls-cert / needs --tls-cert too")
        return None
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except OSError as error:
        raise EntryError(
            f"--tls-cert {certificate}: 证书或私钥用不了，请用 PEM 格式且互相匹配的一对 / certificate or key "
            f"cannot be used; give a matching pair in PEM format: {error}"
        ) from None
    return certificate, key
