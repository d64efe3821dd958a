"""Train the LoRA adapter of the encoder: `python -m training.encoder --data SHARED --out FOLDER`.

Contrastive learning of question against answer sentence (InfoNCE, van den Oord et al. 2018) with
the other answers of the batch and a sentence beside each answer as wrong ones, over the bundled
weights; only low-rank additions to the layers' matrices are learnt (LoRA, Hu et al. 2021).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer

from index.weights import bundled_model

from .pairs import Mixer, Pair

TEMPERATURE = 0.02
RANK = 16
MATRICES = ["query", "key", "value", "dense"]
MAX_TOKENS = 128
GROUP = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds public/ and train/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=60.0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    model = SentenceTransformer(str(bundled_model()), local_files_only=True)
    model.max_seq_length = MAX_TOKENS
    config = LoraConfig(
        r=RANK, lora_alpha=2 * RANK, target_modules=MATRICES, lora_dropout=0.05, bias="none"
    )
    adapted = get_peft_model(model[0].auto_model, config)
    model[0].auto_model = adapted
    adapted.print_trainable_parameters()
    learnt = [weight for weight in adapted.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=options.rate, weight_decay=0.01)
    warm = max(1, options.steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm, max(0.02, 1 - (step - warm) / (options.steps - warm))),
    )
    mixer = Mixer(options.data / "public", options.data / "train", options.seed)
    model.train()
    begun, mean = time.monotonic(), 0.0
    for step in range(options.steps):
        loss = contrast(model, mixer.batch(options.batch))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        schedule.step()
        mean = loss.item() if step == 0 else 0.95 * mean + 0.05 * loss.item()
        if step % 10 == 0:
            print(f"{step:5d} loss {mean:.4f} {time.monotonic() - begun:6.0f} s", flush=True)
        if step % 100 == 99:
            adapted.save_pretrained(str(options.out))
        if time.monotonic() - begun > 60 * options.minutes:
            break
    adapted.save_pretrained(str(options.out))


def contrast(model: SentenceTransformer, pairs: list[Pair]) -> torch.Tensor:
    """Return the mean cross-entropy of each question finding its own answer in the batch."""
    questions = embed(model, ["query: " + pair.question for pair in pairs])
    passages = [pair.answer for pair in pairs] + [pair.beside or pair.answer for pair in pairs]
    scores = questions @ embed(model, ["passage: " + text for text in passages]).T / TEMPERATURE
    own = torch.arange(len(pairs))
    groups = [pair.group for pair in pairs]
    same = torch.tensor([[a == b for b in groups] for a in groups])
    alone = torch.diag(torch.tensor([not pair.beside for pair in pairs]))
    hidden = torch.cat([same & ~torch.eye(len(pairs), dtype=torch.bool), alone], dim=1)
    return torch.nn.functional.cross_entropy(scores.masked_fill(hidden, -1e4), own)


def embed(model: SentenceTransformer, texts: list[str]) -> torch.Tensor:
    """Return unit vectors `(n, d)` that gradients flow through; texts of like length go together."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at].encode()))
    rows = []
    with torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), GROUP):
            group = [texts[at] for at in order[start : start + GROUP]]
            rows.append(model(model.preprocess(group))["sentence_embedding"].float())
    return torch.cat(rows)[torch.tensor(order).argsort()]


if __name__ == "__main__":
    main()
