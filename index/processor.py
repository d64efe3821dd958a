"""What the processor is fastest in, and how many texts it can read at once."""

from __future__ import annotations

import platform
import time
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

ROWS, INNER, COLUMNS, TRIES = 256, 384, 1536, 7
GAIN = 0.8
"""Share of the time of single precision from which on bfloat16 is worth its rounding."""


@cache
def fastest() -> torch.dtype:
    """Return bfloat16 where the processor multiplies in it, else single precision.

    Timed in every process, in a few hundredths of a second, rather than asked: a processor that
    only converts bfloat16 is slower in it, and every maker names its instructions otherwise. The
    best of some tries, so that a busy machine chooses as an idle one does; and were it to choose
    otherwise, vectors would differ by less than ranking can see.
    """
    import torch

    workers()  # from here on each multiplication has one thread, as those that are timed for
    times = {}
    with torch.inference_mode():
        for dtype in (torch.float32, torch.bfloat16):
            left, right = (
                torch.ones(ROWS, INNER, dtype=dtype),
                torch.ones(COLUMNS, INNER, dtype=dtype),
            )
            times[dtype] = min(_seconds(left, right) for _ in range(TRIES))
    return torch.bfloat16 if times[torch.bfloat16] < GAIN * times[torch.float32] else torch.float32


def _seconds(left: torch.Tensor, right: torch.Tensor) -> float:
    import torch

    started = time.perf_counter()
    torch.nn.functional.linear(left, right)
    return time.perf_counter() - started


@cache
def workers() -> int:
    """Return how many batches to read at once, and let torch use one thread for each from now on.

    One batch a core beats one batch over all cores: nobody waits for the slowest, and a core that
    another program or the web server takes delays no other. Threads that share one multiplication
    took five times as long as a single one on a busy machine.
    """
    import torch

    count = torch.get_num_threads()
    work_alone()
    return count


def work_alone() -> None:
    """Let torch use no thread but the caller's; a thread that used torch before keeps its own."""
    import torch

    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)


@cache
def calm_numpy() -> None:
    """Let numpy use one thread: what is multiplied for one question is small.

    On a busy machine its threads waited for each other three times as long as they worked. Only
    numpy's own library is told: FAISS has another, and needs its threads to make clusters.
    """
    from threadpoolctl import ThreadpoolController

    for library in ThreadpoolController().lib_controllers:
        if "numpy" in library.filepath:
            library.set_num_threads(1)


@cache
def packs() -> bool:
    """Tell whether torch keeps matrices in the order that this processor multiplies them in."""
    import torch

    mkldnn: Any = torch.backends.mkldnn  # its functions have no types
    return platform.machine() in ("x86_64", "AMD64") and bool(mkldnn.is_available())


@cache
def gpu() -> str | None:
    """Return the name of the GPU that torch sees, if it sees one that computes in bfloat16."""
    import torch

    return "cuda" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else None
