"""Train the LoRA adapter of the encoder: `python -m training.encoder --data DATA --out FOLDER`.

Contrastive learning of question against answer sentence (InfoNCE, van den Oord et al. 2018) with
the other answers of the batch and a sentence beside each answer as wrong ones, over the bundled
weights; only low-rank additions to the layers' matrices are learnt (LoRA, Hu et al. 2021). Two
scores learn at once: the cosine of the two texts' vectors, and the late interaction of their
tokens' vectors (Khattab and Zaharia 2020) that `index/late.py` ranks and refuses by.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer
from torch.nn.utils.rnn import pad_sequence

from index.late import token_weights
from index.weights import bundled_model

from .pairs import Mixer, Pair

TEMPERATURE = 0.02
RANK = 16
MATRICES = ["query", "key", "value", "dense"]
MAX_TOKENS = 128
GROUP = 16
PROMPT_TOKENS = 3
"""`<s>`, the word of the prompt, its colon; `</s>` ends a text. None of them interacts."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds public/ and train/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    model = SentenceTransformer(str(bundled_model(adapter=None)), local_files_only=True)
    model.max_seq_length = MAX_TOKENS
    config = LoraConfig(
        r=RANK, lora_alpha=2 * RANK, target_modules=MATRICES, lora_dropout=0.05, bias="none"
    )
    adapted = get_peft_model(model[0].auto_model, config)
    adapted.peft_config["default"].base_model_name_or_path = "intfloat/multilingual-e5-small"
    model[0].auto_model = adapted
    weights = torch.from_numpy(token_weights(model.tokenizer))
    learnt = [weight for weight in adapted.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=options.rate, weight_decay=0.01)
    warm = max(1, options.steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm, max(0.02, 1 - (step - warm) / (options.steps - warm))),
    )
    mixer = Mixer(options.data / "public", options.data / "train", options.seed)
    model.train()
    begun, mean = time.monotonic(), torch.zeros(2)
    for step in range(options.steps):
        losses = contrast(model, mixer.batch(options.batch), weights)
        optimizer.zero_grad()
        losses.sum().backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        schedule.step()
        mean = losses.detach() if step == 0 else 0.95 * mean + 0.05 * losses.detach()
        if step % 10 == 0:
            shown = "  ".join(f"{loss:.4f}" for loss in mean)
            print(f"{step:5d} loss {shown} {time.monotonic() - begun:6.0f} s", flush=True)
        if step % 50 == 49:
            adapted.save_pretrained(str(options.out))
    adapted.save_pretrained(str(options.out))


def contrast(model: SentenceTransformer, pairs: list[Pair], weights: torch.Tensor) -> torch.Tensor:
    """Return how hard it is to find each question's answer in the batch: `(2,)` cross-entropies.

    The first by the texts' vectors, the second by their tokens'.
    """
    passages = [pair.answer for pair in pairs] + [pair.beside or pair.answer for pair in pairs]
    asked, asked_tokens, ids = embed(model, ["query: " + pair.question for pair in pairs])
    told, told_tokens, _ = embed(model, ["passage: " + text for text in passages])
    by_texts = asked @ told.T
    by_tokens = late_interaction(asked_tokens, [weights[each] for each in ids], told_tokens)
    groups = [pair.group for pair in pairs]
    same = torch.tensor([[a == b for b in groups] for a in groups])
    alone = torch.diag(torch.tensor([not pair.beside for pair in pairs]))
    hidden = torch.cat([same & ~torch.eye(len(pairs), dtype=torch.bool), alone], dim=1)
    own = torch.arange(len(pairs))
    return torch.stack(
        [
            torch.nn.functional.cross_entropy((scores / TEMPERATURE).masked_fill(hidden, -1e4), own)
            for scores in (by_texts, by_tokens)
        ]
    )


def late_interaction(
    asked: list[torch.Tensor], weights: list[torch.Tensor], told: list[torch.Tensor]
) -> torch.Tensor:
    """Return `(questions, passages)`: each question token's best cosine, averaged by weight."""
    held = pad_sequence(told, batch_first=True)
    there = pad_sequence([torch.ones(len(each)) for each in told], batch_first=True) > 0
    rows = []
    for tokens, weight in zip(asked, weights, strict=True):
        best = torch.einsum("qd,ptd->pqt", tokens, held)
        best = best.masked_fill(~there[:, None, :], -1.0).amax(dim=2)
        rows.append((best * weight).sum(dim=1) / weight.sum())
    return torch.stack(rows)


def embed(
    model: SentenceTransformer, texts: list[str]
) -> tuple[torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
    """Return unit vectors `(n, d)` of texts, and per text those of its tokens and the tokens' ids.

    Texts of like length go through together.
    """
    order = sorted(range(len(texts)), key=lambda at: len(texts[at].encode()))
    vectors: list[torch.Tensor] = [torch.empty(0)] * len(texts)
    tokens, ids = vectors[:], vectors[:]
    with torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), GROUP):
            group = order[start : start + GROUP]
            features = model.preprocess([texts[at] for at in group])
            done = model(features)
            lengths = features["attention_mask"].sum(dim=1)
            for row, at in enumerate(group):
                own = slice(PROMPT_TOKENS, max(int(lengths[row]) - 1, PROMPT_TOKENS + 1))
                vectors[at] = done["sentence_embedding"][row].float()
                tokens[at] = torch.nn.functional.normalize(
                    done["token_embeddings"][row, own].float(), dim=1
                )
                ids[at] = features["input_ids"][row, own]
    return torch.stack(vectors), tokens, ids


if __name__ == "__main__":
    main()
