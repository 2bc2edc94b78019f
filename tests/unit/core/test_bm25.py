"""Incremental BM25 against BM25 written out by its definition, and against itself after merges and restarts."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest

from remanence.core.bm25 import K1, PRIOR_DOCUMENTS, B, Postings, Segment, idf, term_id

MAX_TF = 4  # what a posting can tell apart
TOLERANCE = 0.03  # lengths are kept in steps of 13 %, and B of the weight depends on them

Documents = list[list[str]]


def postings_of(documents: Documents, *, first_row: int = 0) -> Postings:
    postings = Postings()
    for row, terms in enumerate(documents, first_row):
        postings.add(row, terms)
    return postings


def zipf_documents(n: int, seed: int = 7) -> Documents:
    """Documents with a few frequent words, many rare ones, none at all now and then, and repetitions."""
    draw = random.Random(seed)
    documents: Documents = []
    for i in range(n):
        length = 0 if i % 97 == 0 else draw.choice((1, 2, 5, 8, 12, 20, 40))
        documents.append([f"w{int(draw.paretovariate(0.6)) % 4001}" for _ in range(length)])
    return documents


def oracle(documents: Documents, query: list[str], background: float) -> dict[int, float]:
    """BM25 of each document that matches, by the textbook, with the blended idf of `idf`."""
    counts = [Counter(document) for document in documents]
    average = sum(map(len, documents)) / len(documents)
    scores: dict[int, float] = {}
    for term in query:
        held = sum(term in each for each in counts) + PRIOR_DOCUMENTS * background
        worth = math.log(1 + (len(documents) + PRIOR_DOCUMENTS - held + 0.5) / (held + 0.5))
        for row, each in enumerate(counts):
            if tf := min(each[term], MAX_TF):
                norm = K1 * (1 - B + B * len(documents[row]) / average)
                scores[row] = scores.get(row, 0.0) + worth * tf * (K1 + 1) / (tf + norm)
    return scores


def scores_of(postings: Postings, query: list[str], background: float) -> dict[int, float]:
    found = postings.match([term_id(term) for term in query])
    worth = idf(found.counts, postings.n_documents, np.full(len(query), background))
    weights = found.spread(worth) * postings.weights_by_code()[found.codes]
    scores: dict[int, float] = {}
    for row, weight in zip(found.rows.tolist(), weights.tolist(), strict=True):
        scores[row] = scores.get(row, 0.0) + weight
    return scores


def content(postings: Postings) -> tuple[list[tuple[int, int, int]], int, int]:
    return list(postings), postings.n_documents, postings.total_length


@pytest.fixture(scope="module")
def documents() -> Documents:
    return zipf_documents(8000)


@pytest.fixture(scope="module")
def postings(documents: Documents) -> Postings:
    built = postings_of(documents)
    assert built.merged().rows.size > 10 * 4096, "too few postings for the segments to have been merged"
    assert len(built._segments) <= 4, "a query looks into every segment, so they must stay few"
    return built


QUERIES = [["w1"], ["w1", "w2"], ["w3", "w50", "w999"], ["w17", "nobody-said-this"], ["w4000", "w2", "w8", "w31"]]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: " ".join(query))
@pytest.mark.parametrize("background", [1e-5, 0.02])
def test_scores_are_those_of_the_definition(
    postings: Postings, documents: Documents, query: list[str], background: float
) -> None:
    expected = oracle(documents, query, background)
    found = scores_of(postings, query, background)
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, rel=TOLERANCE)


@pytest.mark.parametrize("n", [1, 2, 5, 20, 300])
def test_few_documents_score_by_the_definition_too(n: int) -> None:
    documents = zipf_documents(n, seed=n)
    postings = postings_of(documents)
    for query in (["w1", "w2"], ["w5"], ["w1", "w3", "w7", "w12"]):
        assert scores_of(postings, query, 0.01) == pytest.approx(oracle(documents, query, 0.01), rel=TOLERANCE)


def test_every_term_is_counted_exactly(postings: Postings, documents: Documents) -> None:
    """Not one posting is lost, doubled or given to a neighbour by any seal or merge."""
    holders: dict[str, list[int]] = {}
    for row, document in enumerate(documents):
        for term in set(document):
            holders.setdefault(term, []).append(row)
    terms = list(holders)
    for at in range(0, len(terms), 64):
        asked = terms[at : at + 64]
        found = postings.match([term_id(term) for term in asked])
        assert found.counts.tolist() == [len(holders[term]) for term in asked]
        owners = found.spread(np.arange(len(asked), dtype=float))
        for owner, term in enumerate(asked):
            assert sorted(found.rows[owners == owner].tolist()) == holders[term]


def test_the_content_is_in_order(postings: Postings) -> None:
    entries = list(postings)
    assert entries == sorted(entries)
    assert len({(term, row) for term, row, _ in entries}) == len(entries)


@pytest.mark.parametrize("cut", [0, 1, 96, 700, 2999, 7999, 8000])
def test_restored_and_continued_is_the_same_as_never_stopped(
    postings: Postings, documents: Documents, cut: int
) -> None:
    before = postings_of(documents[:cut])
    segment = before.merged()
    for array in segment:
        array.flags.writeable = False  # as in a mapped snapshot: it must never be written
    after = Postings.restore(segment, before.n_documents, before.total_length)
    for row in range(cut, len(documents)):
        after.add(row, documents[row])
    assert content(after) == content(postings)
    for query in QUERIES:
        assert scores_of(after, query, 0.01) == pytest.approx(scores_of(postings, query, 0.01), rel=1e-12)


def test_restored_again_and_again_is_still_the_same(documents: Documents) -> None:
    postings = Postings()
    for row, document in enumerate(documents[:500]):
        postings.add(row, document)
        if row % 41 == 0:
            postings = Postings.restore(postings.merged(), postings.n_documents, postings.total_length)
    assert content(postings) == content(postings_of(documents[:500]))


def test_freezing_does_not_change_what_goes_on(documents: Documents) -> None:
    postings = Postings()
    for row, document in enumerate(documents[:800]):
        frozen = postings.merged() if row == 400 else None
        postings.add(row, document)
        if frozen is not None:
            kept = Segment(*(array.copy() for array in frozen))
    assert content(postings) == content(postings_of(documents[:800]))
    assert list(Postings.restore(kept, 400, 0)) == [entry for entry in postings if entry[1] < 400]


def test_rows_may_be_skipped() -> None:
    postings = Postings()
    for row in (0, 7, 1000, 2**31):
        postings.add(row, ["here"])
    assert postings.match([term_id("here")]).rows.tolist() == [0, 7, 1000, 2**31]


def test_a_document_without_terms_counts_as_a_document() -> None:
    postings = postings_of([[], ["dog"], []])
    assert (postings.n_documents, postings.total_length) == (3, 1)
    assert list(postings) == list(postings_of([["dog"]], first_row=1))


@pytest.mark.parametrize("n_terms", [127, 128, 129, 4095, 4096, 4097, 9000])
def test_one_document_of_many_terms(n_terms: int) -> None:
    postings = postings_of([["first"], [f"t{i}" for i in range(n_terms)], ["last", "t0"]])
    assert len(list(postings)) == n_terms + 3
    found = postings.match([term_id("t0"), term_id(f"t{n_terms - 1}"), term_id("last"), term_id("first")])
    assert found.counts.tolist() == [2, 1, 1, 1]


def test_an_empty_index_finds_nothing() -> None:
    for postings in (Postings(), Postings.restore(Postings().merged(), 0, 0)):
        found = postings.match([term_id("dog"), term_id("cat")])
        assert found.counts.tolist() == [0, 0]
        assert not len(found.rows)
        assert np.isfinite(postings.weights_by_code()).all()
        postings.add(0, ["dog"])
        assert postings.match([term_id("dog")]).rows.tolist() == [0]


def test_more_of_a_term_and_a_shorter_document_weigh_more() -> None:
    repeats = postings_of([["dog"] * n + ["x"] * (8 - n) for n in range(1, 9)])
    scores = scores_of(repeats, ["dog"], 0.01)
    assert [scores[row] for row in range(4)] == sorted({scores[row] for row in range(4)})
    assert scores[3] == scores[7], "beyond four, a repetition says nothing more"
    lengths = scores_of(postings_of([["dog"] + ["x"] * n for n in (0, 1, 3, 9, 30, 99, 999, 9999)]), ["dog"], 0.01)
    assert [lengths[row] for row in range(8)] == sorted(lengths.values(), reverse=True)


def test_weights_follow_the_average_length() -> None:
    postings = postings_of([["dog", "cat"]])
    alone = scores_of(postings, ["dog"], 0.01)[0]
    postings.add(1, ["x"] * 500)
    beside_a_long_one = postings.weights_by_code()[postings.match([term_id("dog")]).codes][0]
    assert beside_a_long_one > 1.2 * alone / idf(np.array([1]), 1, np.array([0.01]))[0]


def test_nbytes_counts_every_array(postings: Postings) -> None:
    assert postings.nbytes >= postings.merged().rows.size * (4 + 1)


class TestIdf:
    def test_it_falls_with_the_count_and_stays_positive(self) -> None:
        counts = np.arange(0, 1001)
        for background in (1e-9, 0.01, 1.0):
            worth = idf(counts, 1000, np.full(len(counts), background))
            assert (np.diff(worth) < 0).all()
            assert (worth > 0).all()

    @pytest.mark.parametrize("n", [1, 5, 20])
    def test_few_memories_tell_a_rare_word_from_a_common_one(self, n: int) -> None:
        common, rare = idf(np.array([1, 1]), n, np.array([0.2, 1e-5]))
        assert rare > 2 * common

    def test_many_memories_outvote_the_background(self) -> None:
        held, expected = 300, math.log(1 + (100_000 - 300 + 0.5) / (300 + 0.5))
        for background in (1e-6, 0.5):
            assert idf(np.array([held]), 100_000, np.array([background]))[0] == pytest.approx(expected, rel=0.06)


def test_two_terms_of_one_id_are_one_posting() -> None:
    one, other = "h67aa25cg9", "ge4289idf7"
    assert term_id(one) == term_id(other)
    both, twice = postings_of([[one, other, "x"]]), postings_of([[one, one, "x"]])
    assert content(both) == content(twice)
    assert both.match([term_id(one)]).counts.tolist() == [1]
