"""Where the server listens and whom it lets in; settings that would let in anyone are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from .accounts import Accounts
from .audit import Audit
from .kept import default_file

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""The names by which this machine calls itself, as a `Host` header has them."""

Network = IPv4Network | IPv6Network


class EntryError(ValueError):
    """The server cannot be started with these settings."""


@dataclass(frozen=True)
class Entry:
    """Whom the server lets in: by default anyone on this machine, without a login.

    `hosts` are the names it may be called by. With `accounts` people log in. From `proxies`, and
    from nowhere else, it believes who the visitor is (`user_header`) and where he comes from.
    """

    hosts: tuple[str, ...] = LOOPBACK
    accounts: Accounts | None = None
    proxies: tuple[Network, ...] = ()
    user_header: str | None = None
    admins: frozenset[str] = frozenset()
    audit: Audit = Audit(None)  # noqa: RUF009 (it is nowhere)

    @property
    def is_open(self) -> bool:
        """Tell whether nobody needs to log in."""
        return self.accounts is None and self.user_header is None


def entry_for(
    host: str,
    allowed: Sequence[str] = (),
    login: bool = False,
    accounts: Path | None = None,
    proxies: Sequence[str] = (),
    user_header: str | None = None,
    admins: Sequence[str] = (),
    audit: Audit | None = None,
) -> Entry:
    """Return whom a server that listens at `host` lets in; raises EntryError if it would be anyone."""
    networks = tuple(map(_network, proxies))
    file = accounts or default_file()
    if user_header and not networks:
        raise EntryError(
            f"--user-header {user_header}: 须写明代理的地址 --trust-proxy / name the proxy's address "
            "with --trust-proxy; anyone else could send that header"
        )
    if admins and not user_header:
        raise EntryError(
            f"--admin {admins[0]}: 只用于 --user-header；帐户请用 yuanwen users add {admins[0]} --admin / "
            f"goes with --user-header; for an account: yuanwen users add {admins[0]} --admin"
        )
    everywhere = host in ("", "0.0.0.0", "::")
    elsewhere = everywhere or not is_loopback(host)
    if everywhere and not allowed:
        raise EntryError(
            f"--host {host}: 请写明大家用的名字，如 --allowed-host yuanwen.hospital.example / say by "
            "which name people come, such as --allowed-host yuanwen.hospital.example"
        )
    own = () if everywhere else (f"[{host}]" if ":" in host else host,)
    hosts = tuple(name.lower() for name in (*LOOPBACK, *own, *allowed))
    if not (elsewhere or login or networks):
        return Entry(hosts, audit=audit or Audit(None))
    kept = Accounts(file) if file.exists() else None
    if (kept is None or not kept.listed()) and not user_header:
        raise EntryError(
            f"{file}: 还没有帐户，请先运行 yuanwen users add 名字 --admin，或用反向代理"
            "（--trust-proxy 加 --user-header）/ there is no account yet: run yuanwen users add NAME "
            "--admin, or have a reverse proxy log people in (--trust-proxy with --user-header)"
        )
    return Entry(hosts, kept, networks, user_header, frozenset(admins), audit or Audit(None))


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _network(proxy: str) -> Network:
    try:
        network = ip_network(proxy)
    except ValueError:
        raise EntryError(
            f"--trust-proxy {proxy}: 应是地址或网段，如 10.0.0.5 或 10.0.0.0/28 / should be an address "
            "or a network, such as 10.0.0.5 or 10.0.0.0/28"
        ) from None
    if network.prefixlen == 0:
        raise EntryError(
            f"--trust-proxy {proxy}: 这等于相信所有人，请写代理自己的地址 / that trusts everyone; name "
            "the proxy's own address"
        )
    return network
