"""Zip archives, opened only as far as it is safe: what they claim is checked before it is unpacked."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib

from .errors import SourceError

MAX_MEMBERS = 20_000
MAX_MEMBER_BYTES = 256 * 2**20
MAX_UNPACKED_BYTES = 4 * 2**30
MAX_RATIO = 200
"""Text packs to a tenth or a twentieth; only a file made to fill memory packs to a thousandth."""
RATIO_FROM_BYTES = 16 * 2**20


DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, OSError, ValueError),
)
"""What the standard library raises for an archive that is damaged, or made to look so."""


class Archive:
    """A zip archive in memory; its members are unpacked one at a time."""

    def __init__(self, data: bytes, name: str) -> None:
        """Open an archive; raises SourceError if it is broken or has too many members."""
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except DAMAGED:
            raise SourceError(
                f"{name}: 压缩包损坏或不完整，请重新获取 / the archive is damaged or cut short; get it again"
            ) from None
        if len(self._zip.infolist()) > MAX_MEMBERS:
            raise SourceError(
                f"{name}: 压缩包内文件超过 {MAX_MEMBERS} 个，请分开 / more than {MAX_MEMBERS} members; split it"
            )

    @property
    def names(self) -> list[str]:
        """The names of its files, folders left out, each once."""
        names = (info.filename for info in self._zip.infolist() if not info.is_dir())
        return list(dict.fromkeys(names))

    def check_size(self, limit: int = MAX_MEMBER_BYTES) -> None:
        """Raise SourceError if all members together would unpack to more than `limit` bytes."""
        packed = sum(info.compress_size for info in self._zip.infolist())
        self._check(self._name, sum(info.file_size for info in self._zip.infolist()), packed, limit)

    def size(self, member: str) -> int:
        """Return the bytes that a member claims to unpack to; no more are ever unpacked."""
        return self._zip.getinfo(member).file_size

    def read(self, member: str) -> bytes:
        """Unpack one member; raises SourceError if it is missing, too large, encrypted or broken."""
        name = f"{self._name}/{member}"
        if member not in self._zip.NameToInfo:
            raise SourceError(
                f"{name}: 缺少这一部分，文件不完整 / this part is missing; get the file again"
            )
        info = self._zip.getinfo(member)
        self._check(name, info.file_size, info.compress_size, MAX_MEMBER_BYTES)
        if info.flag_bits & 1:
            raise SourceError(
                f"{name}: 压缩包设有密码，请先解压 / the archive has a password; unpack it first"
            )
        try:
            return self._zip.read(info)
        except DAMAGED:
            raise SourceError(
                f"{name}: 这一部分损坏，请重新获取文件 / this part is damaged; get the file again"
            ) from None

    @staticmethod
    def _check(name: str, size: int, packed: int, limit: int) -> None:
        if size > limit or (size > RATIO_FROM_BYTES and size > MAX_RATIO * packed):
            raise SourceError(
                f"{name}: 解压后有 {size >> 20} MB，超过限度，未解压 / would unpack to {size >> 20} MB, "
                "which is too much; not unpacked"
            )
