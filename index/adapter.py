"""The low-rank adapter trained for this work, added to the weights before they are used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ADAPTER = Path(__file__).parent / "adapter"
"""In PEFT's format; its README.md says what it learnt from, and how to make it again."""

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


def add_adapter(tensors: dict[str, NDArray[np.float32]], folder: Path) -> None:
    """Add a LoRA adapter to the tensors it was trained for: W + (alpha / r) B A (Hu et al. 2021).

    Added once, it costs nothing when the model runs, and no code is needed to load it.
    """
    from safetensors.numpy import load_file

    config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    scale = np.float32(config["lora_alpha"] / config["r"])
    learnt = load_file(folder / "adapter_model.safetensors")
    for name, lower in learnt.items():
        if not name.endswith(".lora_A.weight"):
            continue
        upper = learnt[name.replace(".lora_A.", ".lora_B.")].astype(np.float32)
        matrix = name.removeprefix("base_model.model.").replace(".lora_A.", ".")
        tensors[matrix] = tensors[matrix] + scale * (upper @ lower.astype(np.float32))
