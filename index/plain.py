"""Plain files and folders, and no links: what may be opened in a library's folder."""

from __future__ import annotations

import stat
from pathlib import Path

from .errors import LibraryError


def is_plain(file: Path) -> bool:
    """Tell whether a file stands at a path: no link, no pipe, no device."""
    return stat.S_ISREG(_mode(file))


def demand_plain(*paths: Path) -> None:
    """Raise LibraryError where something stands that is no file: it would be written through.

    A folder that comes from elsewhere may hold a link to any file of whoever opens it.
    """
    for path in paths:
        if (mode := _mode(path)) and not stat.S_ISREG(mode):
            raise LibraryError(
                f"{path}: 是链接或别的东西，不是文件，不打开；请换成文件本身，或链接整个文件夹 / is a link or something "
                "else, not a file, and is not opened; put the file itself there, or link the whole folder"
            )


def demand_own(folder: Path) -> None:
    """Raise LibraryError unless a folder is one, and what lies in it are files and folders."""
    for path in (folder, *(folder.iterdir() if folder.is_dir() else ())):
        if (mode := _mode(path)) and not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            raise LibraryError(
                f"{path}: 是链接或别的东西，不打开；请删除 {folder}，它会重新生成 / is a link or something else and "
                f"is not opened; delete {folder}, it is made anew"
            )


def _mode(path: Path) -> int:
    """Return what stands at a path, looked at once: another process may take it away; 0 if nothing."""
    try:
        return path.lstat().st_mode
    except OSError:
        return 0
