"""Counts how common index terms are in everyday talk: the shipped background document frequencies.

It exists so that the lexicon can be made again from permissive data by one command. It must not read
evaluation data (LoCoMo, BEAM), nor FriendsQA. A document is one utterance or sentence.
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

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "src"))

from remanence.core.text import terms  # noqa: E402 the path comes first

STEP = 0.05  # nats: a share is kept within 2.5 %, and 255 steps reach one in 340,000


def corpus(data: Path) -> list[str]:
    """Return the distinct training texts: sentences, and both sides of pairs that are not FriendsQA's."""
    found = (data / "sentences.txt").read_text(encoding="utf-8").split("\n")
    for line in (data / "pairs.jsonl").read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        if not pair["src"].startswith("friends"):
            found += pair["a"], pair["b"]
    return [text for text in dict.fromkeys(text.strip() for text in found) if text]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/train", help="training texts")
    parser.add_argument("--out", type=Path, default=ROOT / "src/remanence/embed/data", help="where it goes")
    parser.add_argument("--limit", type=int, default=60_000, help="terms kept, the most common first")
    given = parser.parse_args()
    texts = corpus(given.data)
    frequency = Counter(term for text in texts for term in set(terms(text)))
    codes: dict[int, int] = {}
    for term, count in frequency.most_common(given.limit):
        share = (count + 0.5) / (len(texts) + 1)
        codes.setdefault(crc32(term.encode()), min(255, round(-math.log(share) / STEP)))
    keys = np.array(sorted(codes), np.uint32)
    values = np.array([codes[key] for key in sorted(codes)], np.uint8)
    given.out.mkdir(parents=True, exist_ok=True)
    np.save(given.out / "lexicon_keys.npy", keys, allow_pickle=False)
    np.save(given.out / "lexicon_codes.npy", values, allow_pickle=False)
    digest = hashlib.sha256(keys.tobytes() + values.tobytes()).hexdigest()
    about = {
        "name": f"remanence-lexicon-v1:{digest[:8]}",
        "documents": len(texts),
        "terms": len(keys),
        "step": STEP,
        "sha256": digest,
    }
    (given.out / "lexicon.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    print(f"{about['name']}: {len(keys):,} of {len(frequency):,} terms in {len(texts):,} documents")


if __name__ == "__main__":
    main()
