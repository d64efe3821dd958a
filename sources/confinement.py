"""What a process that reads strangers' files denies itself, as far as the platform can.

On Linux the kernel holds it to that, whatever a file makes it do: memory, processor time, file
sizes and open files by resource limits; no write and no TCP by Landlock; no network at all by a
namespace of its own, where those may be made. Elsewhere Python refuses what Python code tries, and
macOS limits time and files, not memory.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from typing import Any

MEMORY = 3 * 2**30
"""Bytes of address space; the worst of the readers' tests take a third of it."""
OPEN_FILES = 64

_CREATE_RULESET, _RESTRICT_SELF = 444, 446  # the same number on every architecture
_ASK_VERSION = 1
_NO_NEW_PRIVILEGES = 38
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_WRITES = (1 << 1) | sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE, _TCP = 1 << 13, 1 << 14, 0b11
_FORBIDDEN = {
    "ctypes.dlopen",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.system",
    "socket.__new__",
    "subprocess.Popen",
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def confine(memory: int = MEMORY) -> None:
    """Give up, for the rest of this process, all that reading a file has no need of."""
    if sys.platform == "linux":
        kernel = ctypes.CDLL(None, use_errno=True)
        if kernel.unshare(_NEW_USER | _NEW_NETWORK) != 0:
            kernel.unshare(_NEW_NETWORK)  # root in a container may do this alone, or neither
        _deny_writing(kernel)
    if sys.platform != "win32":
        _limit(memory)
    sys.addaudithook(_refuse)


def _deny_writing(kernel: Any) -> None:
    """Landlock, from Linux 5.13 on: nothing is allowed of what is named here."""
    version = kernel.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < 1:
        return
    files = _WRITES | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = struct.pack("QQ", files, _TCP) if version >= 4 else struct.pack("Q", files)
    ruleset = kernel.syscall(_CREATE_RULESET, rules, len(rules), 0)
    kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    kernel.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


if sys.platform != "win32":
    import resource

    def _limit(memory: int) -> None:
        for what, most in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_NOFILE, OPEN_FILES),
            (resource.RLIMIT_CORE, 0),
        ):
            allowed = resource.getrlimit(what)[1]
            if allowed != resource.RLIM_INFINITY:
                most = min(most, allowed)
            resource.setrlimit(what, (most, most))

    def allow_seconds(seconds: float) -> None:
        """Let this process use so much more processor time; then the kernel ends it."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime + seconds) + 1
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))

else:

    def _limit(memory: int) -> None:
        """Windows has no such limits."""

    def allow_seconds(seconds: float) -> None:
        """Windows has no such limit; the process that waits ends this one."""


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _FORBIDDEN or (event == "open" and arguments[2] & _WRITING):
        raise PermissionError(f"{event}: denied to a process that reads strangers' files")
