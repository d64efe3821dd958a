"""Train the LoRA adapter of the encoder: `python -m training.encoder --data DATA --out FOLDER`.

Contrastive learning of a question against the sentences of a batch of passages (InfoNCE, van den
Oord et al. 2018), over the bundled weights; only low-rank additions to the layers' matrices are
learnt (LoRA, Hu et al. 2021). A passage goes through whole, so that a sentence's tokens know what
stands around them (late chunking, Günther et al. 2024). Three scores learn at once: the cosine of
question and sentence, that of question and passage, and the late interaction of their tokens
(Khattab and Zaharia 2020) that `index/late.py` ranks and refuses by. In the last, a question
without an answer has to leave every sentence below one learnt score, as a span reader's null does
(Devlin et al. 2019).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from sentence_transformers import SentenceTransformer
from torch.nn.functional import cross_entropy, normalize
from torch.nn.utils.rnn import pad_sequence

from index.late import token_weights
from index.weights import bundled_model

from .reading import Lesson, Mixer

TEMPERATURE = 0.02
RANK = 16
MATRICES = ["query", "key", "value", "dense"]
MAX_TOKENS = 384
GROUP = 16
PROMPT = "passage: "
NULL = 0.75
"""Where the score that no sentence may reach begins."""


@dataclass(frozen=True)
class Read:
    """One text as the model reads it: its vector `(d,)`, and for each span its own tokens.

    `tokens`: `(t, d)` unit rows a span; `ids`: `(t,)` a span; `means`: `(d,)` a span.
    """

    vector: torch.Tensor
    tokens: list[torch.Tensor]
    ids: list[torch.Tensor]
    means: list[torch.Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds public/ and train/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="an adapter to go on from")
    parser.add_argument("--steps", type=int, default=600, help="over which the rate falls to zero")
    parser.add_argument("--until", type=int, help="the step to stop at before that")
    parser.add_argument("--alone", type=int, default=3, help="each such batch; 0: none")
    parser.add_argument("--questions", type=int, default=40, help="a batch")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    model = SentenceTransformer(str(bundled_model(adapter=None)), local_files_only=True)
    if options.start:
        adapted = PeftModel.from_pretrained(
            model[0].auto_model, str(options.start), is_trainable=True
        )
    else:
        config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=MATRICES, bias="none")
        adapted = get_peft_model(model[0].auto_model, config)
    adapted.peft_config["default"].base_model_name_or_path = "intfloat/multilingual-e5-small"
    model[0].auto_model = adapted
    weights = torch.from_numpy(token_weights(model.tokenizer))
    null = torch.nn.Parameter(torch.tensor(NULL))
    learnt = [weight for weight in adapted.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": learnt}, {"params": [null], "lr": options.rate * 4, "weight_decay": 0}],
        lr=options.rate,
        weight_decay=0.01,
    )
    warm = max(1, options.steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm, max(0.02, 1 - (step - warm) / (options.steps - warm))),
    )
    mixer = Mixer(options.data / "public", options.data / "train", options.seed)
    adapted.eval()  # no dropout: it would take a sixth of the time, and the data seldom repeats
    for module in adapted.modules():
        if isinstance(module, torch.nn.Linear) and not module.weight.requires_grad:
            module.to(torch.bfloat16)
    begun, mean = time.monotonic(), torch.zeros(3)
    for step in range(options.until or options.steps):
        lessons = mixer.batch(options.questions)
        alone = options.alone > 0 and step % options.alone == options.alone - 1
        losses = contrast(model, lessons, weights, null, alone)
        optimizer.zero_grad()
        losses.sum().backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        schedule.step()
        mean = losses.detach() if step == 0 else 0.95 * mean + 0.05 * losses.detach()
        if step % 10 == 0:
            shown = "  ".join(f"{loss:.4f}" for loss in mean)
            spent = time.monotonic() - begun
            print(f"{step:5d} loss {shown} null {null.item():.3f} {spent:6.0f} s", flush=True)
        if step % 100 == 99:
            adapted.save_pretrained(str(options.out / f"step-{step + 1}"))
    adapted.save_pretrained(str(options.out))


def contrast(
    model: SentenceTransformer,
    lessons: Sequence[Lesson],
    weights: torch.Tensor,
    null: torch.Tensor,
    alone: bool,
) -> torch.Tensor:
    """Return how hard it is to find each question's answer in the batch: `(3,)` cross-entropies.

    By late interaction with `null` among the candidates, by the sentences' vectors, by the
    passages'; questions without an answer take part in the first only. `alone` reads each
    sentence by itself instead of in its passage, and leaves the third out.
    """
    told = read_alone(model, lessons) if alone else read_whole(model, lessons)
    questions = [each for lesson in lessons for each in lesson.asked]
    prompted = ["query: " + each.question for each in questions]
    asked = read(model, prompted, [[(len("query: "), len(text))] for text in prompted])
    firsts = torch.tensor([0, *(len(lesson.sentences) for lesson in lessons)]).cumsum(0)
    owners = [at for at, lesson in enumerate(lessons) for _ in lesson.asked]
    own = torch.tensor(
        [
            -1 if each.answer is None else int(firsts[owner]) + each.answer
            for each, owner in zip(questions, owners, strict=True)
        ]
    )
    answered = own >= 0
    by_tokens = late_interaction(
        [each.tokens[0] for each in asked],
        [weights[each.ids[0]] for each in asked],
        [tokens for each in told for tokens in each.tokens],
    )
    with_null = torch.cat([by_tokens, null.expand(len(questions), 1)], dim=1)
    vectors = torch.stack([each.vector for each in asked])
    by_sentences = vectors @ torch.stack([mean for each in told for mean in each.means]).T
    by_passages = vectors @ torch.stack([each.vector for each in told]).T
    mine = torch.tensor(owners)[answered]
    return torch.stack(
        [
            cross_entropy(with_null / TEMPERATURE, torch.where(answered, own, by_tokens.shape[1])),
            cross_entropy(by_sentences[answered] / TEMPERATURE, own[answered]),
            torch.tensor(0.0)
            if alone
            else cross_entropy(by_passages[answered] / TEMPERATURE, mine),
        ]
    )


def read_whole(model: SentenceTransformer, lessons: Sequence[Lesson]) -> list[Read]:
    texts, spans = [], []
    for lesson in lessons:
        head = PROMPT + (f"{lesson.title}\n" if lesson.title else "")
        texts.append(head + lesson.text)
        spans.append([(start + len(head), end + len(head)) for start, end in lesson.sentences])
    return read(model, texts, spans)


def read_alone(model: SentenceTransformer, lessons: Sequence[Lesson]) -> list[Read]:
    texts = [
        PROMPT + lesson.text[start:end] for lesson in lessons for start, end in lesson.sentences
    ]
    return read(model, texts, [[(len(PROMPT), len(text))] for text in texts])


def late_interaction(
    asked: list[torch.Tensor], weights: list[torch.Tensor], told: list[torch.Tensor]
) -> torch.Tensor:
    """Return `(questions, sentences)`: each question token's best cosine, averaged by weight."""
    held = pad_sequence(told, batch_first=True)
    there = pad_sequence([torch.ones(len(each)) for each in told], batch_first=True) > 0
    rows = []
    for tokens, weight in zip(asked, weights, strict=True):
        best = torch.einsum("qd,ptd->pqt", tokens, held)
        best = best.masked_fill(~there[:, None, :], -1.0).amax(dim=2)
        rows.append((best * weight).sum(dim=1) / weight.sum())
    return torch.stack(rows)


def read(
    model: SentenceTransformer, texts: list[str], spans: list[list[tuple[int, int]]]
) -> list[Read]:
    """Read texts, those of like length together; spans are of characters of each text."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at].encode()))
    done: dict[int, Read] = {}
    with torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), GROUP):
            group = order[start : start + GROUP]
            features = model.tokenizer(
                [texts[at] for at in group],
                padding=True,
                truncation=True,
                max_length=MAX_TOKENS,
                return_tensors="pt",
                return_offsets_mapping=True,
            )
            offsets, mask = features.pop("offset_mapping"), features["attention_mask"]
            states = model[0].auto_model(**features).last_hidden_state.float()
            for row, at in enumerate(group):
                held = int(mask[row].sum())
                place = _Place(states[row, :held], features["input_ids"][row], offsets[row, :held])
                done[at] = place.read(spans[at])
    return [done[at] for at in range(len(texts))]


@dataclass(frozen=True)
class _Place:
    states: torch.Tensor
    ids: torch.Tensor
    offsets: torch.Tensor

    def read(self, spans: list[tuple[int, int]]) -> Read:
        tokens, ids, means = [], [], []
        for start, end in spans:
            own = self._own(start, end)
            tokens.append(normalize(self.states[own], dim=1))
            means.append(normalize(self.states[own].mean(dim=0), dim=0))
            ids.append(self.ids[own])
        return Read(normalize(self.states.mean(dim=0), dim=0), tokens, ids, means)

    def _own(self, start: int, end: int) -> torch.Tensor:
        first, last = self.offsets.T
        own = ((first < end) & (last > start) & (last > first)).nonzero()[:, 0]
        return own if len(own) else torch.tensor([0])


if __name__ == "__main__":
    main()
