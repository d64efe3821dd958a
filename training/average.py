"""Average adapters: `python -m training.average OUT ADAPTER ADAPTER...`.

Models fine-tuned from the same weights on different data are better averaged than each alone
(model soups, Wortsman et al. 2022). Of low-rank adapters the mean of the products is itself an
adapter, of the ranks' sum: their matrices stand side by side.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("adapters", type=Path, nargs="+")
    options = parser.parse_args()
    configs = [json.loads((each / "adapter_config.json").read_text()) for each in options.adapters]
    tensors = [load_file(each / "adapter_model.safetensors") for each in options.adapters]
    scales = [each["lora_alpha"] / each["r"] / len(configs) for each in configs]
    averaged = {}
    for name in tensors[0]:
        parts = [each[name].astype(np.float32) for each in tensors]
        if ".lora_A." in name:
            joined = np.concatenate(parts, axis=0)
        else:
            joined = np.concatenate(
                [s * part for s, part in zip(scales, parts, strict=True)], axis=1
            )
        averaged[name] = joined.astype(np.float16)
    rank = sum(each["r"] for each in configs)
    config = configs[0] | {"r": rank, "lora_alpha": rank}
    options.out.mkdir(parents=True, exist_ok=True)
    save_file(averaged, options.out / "adapter_model.safetensors")
    text = json.dumps(config, indent=2, ensure_ascii=False)
    (options.out / "adapter_config.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
