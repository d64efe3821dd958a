"""A library of one's own for everyone who logs in; a few are open at a time."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from platformdirs import user_data_path

from index import Library, LibraryError, SharedEncoder, default_encoder
from index.engine import Engine
from index.library import DATABASE
from index.progress import Progress

from ..assistant import Assistant
from ..doors.audit import made_private
from .arrival import Visitor
from .opening import Loader
from .shapes import Status

OPEN = 16
"""Libraries kept open, those asked last; each may keep 256 reviews in memory."""
AT_ONCE = 4
"""Libraries that are being opened: a new one takes seconds, one that was open before a moment."""

_NOT_SHOWN = re.compile(r"[^a-z0-9\u4e00-\u9fff]+")
_SHOWN = 20

OpenFolder = Callable[[Path, Progress], Assistant]


class OwnLibraries:
    """Gives each visitor the library of his name, and no way to name another.

    One that has not been used for longest is let go when there are too many. It closes when the
    last answer from it is done, and until then whoever comes back finds the same one.
    """

    own = True

    def __init__(self, parent: Path, open_folder: OpenFolder, most: int = OPEN) -> None:
        self._parent, self._open_folder, self._most = parent, open_folder, most
        self._threads = ThreadPoolExecutor(AT_ONCE, "opening")
        self._kept: OrderedDict[str, Loader] = OrderedDict()
        self._living: WeakValueDictionary[str, Loader] = WeakValueDictionary()
        self._lock = Lock()

    def of(self, visitor: Visitor) -> Loader:
        """Return the visitor's library, opening or open; the first visit makes it."""
        if visitor.name is None:
            raise PermissionError("a library is for who has a name")
        with self._lock:
            loader = self._living.get(visitor.name)
            if loader is None or loader.may_be_tried_again():
                opener = partial(self._open_folder, self._parent / folder_of(visitor.name))
                loader = Loader(opener, self._threads)
            self._kept[visitor.name] = self._living[visitor.name] = loader
            self._kept.move_to_end(visitor.name)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return loader

    def status(self) -> Status:
        """Say that the server is there: what there is to open is told to its owner."""
        return "ready"


def own_libraries(parent: Path | None = None, engine: Engine | None = None) -> OwnLibraries:
    """Return the libraries in the folders of a parent folder; they begin with the bundled reviews.

    Without a parent `YUANWEN_LIBRARY` names it, or it stands beside the default library. All share
    one encoder. Raises LibraryError for a parent that is a library itself.
    """
    named = parent or os.environ.get("YUANWEN_LIBRARY")
    folder = Path(named) if named else user_data_path("yuanwen") / "libraries"
    if (folder / DATABASE).exists():
        raise LibraryError(
            f"{folder}: 这本身就是一个文献库，请用 --library 给出放各人文献库的文件夹 / is a library itself; "
            "name with --library a folder for the libraries of all"
        )
    encoder = SharedEncoder(default_encoder())

    def open_folder(own: Path, progress: Progress) -> Assistant:
        try:
            made_private(own.parent)
            made_private(own)
        except OSError as error:
            raise LibraryError(
                f"{own}: 建不了文件夹（{error.strerror}）/ the folder cannot be made; check the disk and "
                "its permissions"
            ) from None
        library = Library(own, encoder, engine.again() if engine else None)
        library.fill(progress)
        return Assistant(library)

    return OwnLibraries(folder, open_folder)


def folder_of(name: str) -> str:
    """Return the name of a person's folder: what is plain in his name, and a hash of all of it.

    Names that differ have folders that differ, whatever a file system takes for the same.
    """
    plain = _NOT_SHOWN.sub("", unicodedata.normalize("NFKC", name).casefold())[:_SHOWN]
    own = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{plain}-{own}" if plain else own
