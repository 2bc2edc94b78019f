"""Makes the shipped lexicon: how common each index term is in everyday talk, and which mean nearly the same.

It exists so that the lexicon can be made again from permissive data by one command; run it again after
tools/train_static.py. It must not read evaluation data (LoCoMo, BEAM), nor FriendsQA. A document is one
utterance or sentence. A term's vector is the mean of those of its words, as often as they are said; related are
the terms whose vectors have the highest cosine with it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections import Counter
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "src"))

from remanence.core.text import term_of, terms, words  # noqa: E402 the path comes first
from remanence.embed.static import StaticEmbedder  # noqa: E402

STEP = 0.05  # nats: a share is kept within 2.5 %, and 255 steps reach one in 340,000
RELATED = 2
LEAST_COSINE = 0.4  # of related terms; likeness is how far above it they are
LEAST_DOCUMENTS = 3  # with a term, for it to have relatives: the rest are misspellings
SAID_IN = 10  # documents at least, for a term to be a relative: one that is rarely said helps nobody


def corpus(data: Path) -> list[str]:
    """Return the distinct training texts: sentences, and both sides of pairs that are not FriendsQA's."""
    found = (data / "sentences.txt").read_text(encoding="utf-8").split("\n")
    for line in (data / "pairs.jsonl").read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        if not pair["src"].startswith("friends"):
            found += pair["a"], pair["b"]
    return [text for text in dict.fromkeys(text.strip() for text in found) if text]


def vectors(texts: list[str], known: dict[str, int]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the unit vector of each known term, (terms, dim), zeros for a rare one, and which are often said.

    Args:
        known: row by term.
    """
    said = Counter(word for text in texts for word in set(words(text)))
    embedder = StaticEmbedder()
    found = np.zeros((len(known), embedder.dim), np.float32)
    documents = np.zeros(len(known))
    for word, count in said.items():
        row = known.get(term_of(word))
        if row is not None and len(word) > 1 and not word.isdigit():
            found[row] += count * embedder.embed(word)
            documents[row] += count
    found[documents < LEAST_DOCUMENTS] = 0
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), documents >= SAID_IN


def neighbours(unit: NDArray[np.float32], common: NDArray[np.bool_]) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """Return the common rows most like each, (terms, RELATED), and how much they are, in steps of 1/255."""
    rows = np.zeros((len(unit), RELATED), np.uint16)
    likeness = np.zeros((len(unit), RELATED), np.uint8)
    for start in range(0, len(unit), 512):
        cosine = unit[start : start + 512] @ unit.T
        own = np.arange(len(cosine))
        cosine[own, start + own] = 0
        cosine[:, ~common] = 0
        best = np.argsort(-cosine, axis=1, kind="stable")[:, :RELATED]
        above = (np.take_along_axis(cosine, best, axis=1) - LEAST_COSINE) / (1 - LEAST_COSINE)
        rows[start : start + 512] = best
        likeness[start : start + 512] = np.round(255 * above.clip(0, 1))
    return rows, likeness


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/train", help="training texts")
    parser.add_argument("--out", type=Path, default=ROOT / "src/remanence/embed/data", help="where it goes")
    parser.add_argument("--limit", type=int, default=60_000, help="terms kept, the most common first")
    given = parser.parse_args()
    texts = corpus(given.data)
    frequency = Counter(term for text in texts for term in set(terms(text)))
    kept: dict[int, tuple[str, int]] = {}
    for term, count in frequency.most_common(given.limit):
        share = (count + 0.5) / (len(texts) + 1)
        kept.setdefault(crc32(term.encode()), (term, min(255, round(-math.log(share) / STEP))))
    keys = np.array(sorted(kept), np.uint32)
    values = np.array([kept[key][1] for key in sorted(kept)], np.uint8)
    related, likeness = neighbours(*vectors(texts, {kept[key][0]: row for row, key in enumerate(sorted(kept))}))
    given.out.mkdir(parents=True, exist_ok=True)
    np.save(given.out / "lexicon_keys.npy", keys, allow_pickle=False)
    np.save(given.out / "lexicon_codes.npy", values, allow_pickle=False)
    np.save(given.out / "lexicon_related.npy", related, allow_pickle=False)
    np.save(given.out / "lexicon_likeness.npy", likeness, allow_pickle=False)
    digest = hashlib.sha256(b"".join(part.tobytes() for part in (keys, values, related, likeness))).hexdigest()
    about = {
        "name": f"remanence-lexicon-v2:{digest[:8]}",
        "documents": len(texts),
        "terms": len(keys),
        "step": STEP,
        "sha256": digest,
    }
    (given.out / "lexicon.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    print(f"{about['name']}: {len(keys):,} of {len(frequency):,} terms in {len(texts):,} documents")


if __name__ == "__main__":
    main()
