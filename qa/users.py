"""The command `yuanwen users`: who may come in when the page is served to other machines."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import UTC, datetime

from .doors.accounts import Accounts
from .doors.audit import Audit, default_folder
from .doors.kept import AccountsError, default_file
from .doors.passwords import LONGEST
from .doors.tickets import Tickets


def add(options: argparse.Namespace) -> int:
    accounts = _accounts(options)
    account = accounts.add(options.name, _password(), options.admin)
    _note(options, "account added", account.name, admin=account.admin)
    print(f"{account.name}: 已添加 / added")
    return 0


def listed(options: argparse.Namespace) -> int:
    accounts = _accounts(options)
    tokens = Tickets(accounts.kept).tokens()
    for account in accounts.listed():
        print(account.name, "管理员/admin" if account.admin else "读者/reader", sep="\t")
        for token in tokens:
            if token.account == account.name:
                made, used = (_day(when) for when in (token.made, token.used))
                print(f"\t令牌/token {token.label or '—'}\t{made}\t最近用于/last used {used}")
    return 0


def remove(options: argparse.Namespace) -> int:
    _accounts(options).remove(options.name)
    _note(options, "account removed", options.name)
    print(f"{options.name}: 已移除，已打开的页面随即失效 / removed; its open pages end now")
    return 0


def password(options: argparse.Namespace) -> int:
    _accounts(options).set_password(options.name, _password())
    _note(options, "password changed", options.name)
    print(
        f"{options.name}: 密码已改，旧的登录和令牌都已失效 / password changed; sessions and tokens ended"
    )
    return 0


def token(options: argparse.Namespace) -> int:
    secret = Tickets(_accounts(options).kept).issue(options.name, "token", options.label)
    _note(options, "token made", options.name, label=options.label)
    print(secret)
    print(
        "只显示这一次；用法 / shown this once; send it as  Authorization: Bearer …", file=sys.stderr
    )
    return 0


def revoke(options: argparse.Namespace) -> int:
    ended = Tickets(_accounts(options).kept).revoke(options.name, options.label)
    if not ended:
        raise AccountsError(
            f"{options.name}: 没有这样的令牌，见 yuanwen users list / no such token; see yuanwen users "
            "list"
        )
    _note(options, "tokens revoked", options.name, label=options.label, count=ended)
    print(f"{options.name}: 已作废 {ended} 个令牌 / {ended} revoked")
    return 0


def _accounts(options: argparse.Namespace) -> Accounts:
    return Accounts(options.accounts or default_file())


def _password() -> str:
    """Ask for a password twice, or read it from a pipe once."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(LONGEST + 2).rstrip("\r\n")
    typed = getpass.getpass("密码 / password: ")
    if getpass.getpass("再输一次 / again: ") != typed:
        raise AccountsError("两次输入的密码不同，请重来 / the two are not the same; try again")
    return typed


def _note(options: argparse.Namespace, what: str, account: str, **more: object) -> None:
    audit = Audit(options.logs or default_folder())
    audit.note(getpass.getuser(), what, by="command", account=account, **more)


def _day(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).date().isoformat()
