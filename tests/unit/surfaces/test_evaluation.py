"""Each measure against a case worked out by hand, and the loop against systems whose answers are known."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest
from msgspec.structs import replace

from remanence.errors import InvalidInput
from remanence.surfaces import evaluation
from remanence.surfaces.datasets import Conversation, Question, Turn
from remanence.surfaces.evaluation import Bm25, Chance, Passage, Ranking, metrics
from remanence.surfaces.evaluation.stemming import stem, terms
from remanence.surfaces.evaluation.trials import anonymous

RANKED = ["c", "a", "x", "b", "y"]


def test_recall_at_k() -> None:
    assert metrics.recall_at(RANKED, ["a", "b"], 1) == 0.0
    assert metrics.recall_at(RANKED, ["a", "b"], 2) == 0.5
    assert metrics.recall_at(RANKED, ["a", "b"], 4) == 1.0
    assert metrics.recall_at(RANKED, ["a", "absent"], 5) == 0.5


def test_all_at_k() -> None:
    assert metrics.all_at(RANKED, ["a", "b"], 3) == 0.0
    assert metrics.all_at(RANKED, ["a", "b"], 4) == 1.0


def test_reciprocal_rank() -> None:
    assert metrics.reciprocal_rank(RANKED, ["b", "a"]) == 0.5
    assert metrics.reciprocal_rank(RANKED, ["absent"]) == 0.0


def test_ndcg() -> None:
    gain = 1 / math.log2(3) + 1 / math.log2(5)  # ranks 2 and 4
    best = 1 / math.log2(2) + 1 / math.log2(3)
    assert metrics.ndcg_at(RANKED, ["a", "b"], 10) == pytest.approx(gain / best)
    assert metrics.ndcg_at(["a"], ["a"], 10) == 1.0
    assert metrics.ndcg_at(["a", "b"], ["a", "b", "c"], 2) == 1.0  # three golds cannot all be in two


def test_packing_skips_what_does_not_fit() -> None:
    tokens = {"c": 4, "a": 7, "x": 3, "b": 3, "y": 1}
    assert metrics.packed(RANKED, tokens, 10) == ["c", "x", "b"]
    assert metrics.budget_recall(RANKED, ["a", "b"], tokens, 10) == 0.5
    assert metrics.packed(RANKED, tokens, 0) == []


def test_token_count_is_a_quarter_of_the_characters_rounded_up() -> None:
    assert [metrics.token_count("x" * n) for n in (0, 1, 4, 5)] == [0, 1, 1, 2]


def test_evidence_in_context_does_not_mind_layout_and_wants_the_whole_text() -> None:
    context = "[2024-05-01]\nAna: my dog\n  is called Potola\nBen: nice"
    assert metrics.evidence_in(context, ["my dog is called Potola", "my cat"]) == 0.5
    assert metrics.evidence_in(context, ["my dog is called Potola!"]) == 0.0


def test_auc() -> None:
    assert metrics.auc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert metrics.auc([0.1], [0.9]) == 0.0
    assert metrics.auc([0.5, 0.5], [0.5]) == 0.5
    assert metrics.auc([0.9, 0.3], [0.5, 0.3]) == pytest.approx((1 + 1 + 0 + 0.5) / 4)
    assert math.isnan(metrics.auc([], [1.0]))


def brute_risks(answerable: Sequence[float], unanswerable: Sequence[float]) -> list[Fraction]:
    """Return the mean risk of answering the first k over every order that confidence allows, for each k."""
    asked = [(sure, 0) for sure in answerable] + [(sure, 1) for sure in unanswerable]
    orders = [order for order in permutations(asked) if [s for s, _ in order] == sorted((s for s, _ in asked))[::-1]]
    return [
        sum(Fraction(sum(wrong for _, wrong in order[:k]), k) for order in orders) / len(orders)
        for k in range(1, len(asked) + 1)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_risk_and_coverage_are_what_trying_every_order_gives(seed: int) -> None:
    draw = random.Random(seed)
    answerable = [draw.choice((0.1, 0.5, 0.9, draw.random())) for _ in range(draw.randint(0, 4))]
    unanswerable = [draw.choice((0.1, 0.5, 0.9, draw.random())) for _ in range(draw.randint(1, 3))]
    risks = brute_risks(answerable, unanswerable)
    ordered = sorted([*answerable, *unanswerable], reverse=True)
    assert metrics.aurc(answerable, unanswerable) == pytest.approx(float(sum(risks) / len(risks)))
    for at in metrics.risk_coverage(answerable, unanswerable):
        answered = next(k for k in range(1, len(ordered) + 1) if 100 * k >= at.coverage * len(ordered))
        assert at.threshold == ordered[answered - 1]
        assert at.risk == pytest.approx(float(risks[answered - 1]))


def test_risk_at_the_ends() -> None:
    sure, unsure = [0.9, 0.8], [0.2, 0.1]
    assert [at.risk for at in metrics.risk_coverage(sure, unsure, (50, 75, 100))] == pytest.approx([0, 1 / 3, 1 / 2])
    assert metrics.aurc([1.0] * 5, [1.0] * 5) == pytest.approx(0.5)  # confidence that says nothing
    assert metrics.risk_coverage([], []) == []
    assert math.isnan(metrics.aurc([], []))


def test_interval_resamples_conversations_not_questions() -> None:
    alike = metrics.interval([[1.0, 0.0], [1.0, 0.0]])
    assert alike == (0.5, 0.5)  # every draw of conversations has the same mean
    low, high = metrics.interval([[1.0] * 50, [0.0] * 50])
    assert (low, high) == (0.0, 1.0)  # two conversations say very little, however many questions
    assert metrics.interval([[1.0], [], [1.0]]) == (1.0, 1.0)
    assert all(map(math.isnan, metrics.interval([])))


def test_interval_is_the_same_each_time() -> None:
    groups = [[0.1, 0.4], [0.9], [0.3, 0.2, 0.8]]
    assert metrics.interval(groups) == metrics.interval(groups)


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("caresses", "caress"), ("ponies", "poni"), ("cats", "cat"), ("agreed", "agre"), ("hopping", "hop"),
        ("seeing", "see"), ("falling", "fall"), ("filing", "file"), ("happy", "happi"), ("relational", "relat"),
        ("hopefulness", "hope"), ("triplicate", "triplic"), ("adjustable", "adjust"), ("adoption", "adopt"),
        ("roll", "roll"), ("controll", "control"), ("sky", "sky"), ("ox", "ox"),
    ],
)  # fmt: skip
def test_stemming_follows_porter(word: str, root: str) -> None:
    assert stem(word) == root


def test_terms_leave_stop_words_out() -> None:
    assert terms("What's the DOG’S name? It isn't running.") == ["dog", "name", "run"]


TURNS = (
    Turn("My dog is called Potola.", "Ana", id="t1"),
    Turn("The weather is nice today.", "Ben", id="t2"),
    Turn("I walk the dog at seven.", "Ana", id="t3"),
)


def test_bm25_by_hand() -> None:
    system = Bm25(k1=1.2, b=0.75)
    system.index(TURNS)
    scores = system.scores("dog Potola")
    lengths = [4, 4, 4]  # ana dog call potola / ben weather nice todai / ana walk dog seven
    norm = 1.2 * (1 - 0.75 + 0.75 * lengths[0] / (sum(lengths) / 3))
    dog, potola = math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5)
    saturation = 2.2 / (1 + norm)
    assert scores == pytest.approx([(dog + potola) * saturation, 0.0, dog * saturation])
    assert system.rank("dog Potola", 2).ids == ("t1", "t3")


def test_a_baseline_context_keeps_its_budget_and_the_order_of_the_talk() -> None:
    system = Bm25()
    system.index(TURNS)
    whole = system.context("dog", 100, own_counter=False)
    assert whole.text.split("\n") == [turn.labelled for turn in TURNS]
    assert whole.tokens == metrics.token_count(whole.text)
    small = system.context("dog Potola", 8, own_counter=False)
    assert small.text == TURNS[0].labelled
    assert small.tokens <= 8


def test_chance_is_seeded() -> None:
    first, second, other = Chance(1), Chance(1), Chance(2)
    many = [Turn(f"turn {n}", id=str(n)) for n in range(30)]
    for system in (first, second, other):
        system.index(many)
    assert first.rank("q", 30) == second.rank("q", 30)
    assert first.rank("q", 30).ids != other.rank("q", 30).ids


class Oracle:
    """Ranks the turns that hold the first word of the question first; its contexts can be too large."""

    name = "oracle"

    def __init__(self, *, overdoes: bool = False) -> None:
        self._turns: Sequence[Turn] = ()
        self._overdoes = overdoes

    def index(self, turns: Sequence[Turn]) -> None:
        self._turns = turns

    def rank(self, question: str, k: int) -> Ranking:
        wanted = question.split()[0]
        ordered = sorted(self._turns, key=lambda turn: wanted not in turn.text)
        return Ranking(tuple(turn.id for turn in ordered)[:k], float(any(wanted in t.text for t in self._turns)))

    def context(self, question: str, budget_tokens: int, *, own_counter: bool) -> Passage:
        ranking = self.rank(question, 1)
        text = next((turn.text for turn in self._turns if turn.id in ranking.ids), "")
        if self._overdoes:
            text += "!" * 4 * budget_tokens
        return Passage(text, metrics.token_count(text), ranking.confidence)

    def close(self) -> None:
        self._turns = ()


def _conversation(name: str, *words: str, category: str = "fact") -> Conversation:
    turns = tuple(
        Turn(f"{word} is what I said", "Ana", session=f"s{n // 2}", id=f"t{n}") for n, word in enumerate(words)
    )
    questions = tuple(Question(f"{word} when?", (f"t{n}",), category, f"q{n}") for n, word in enumerate(words))
    return Conversation(name, turns, questions)


TWO = (_conversation("one", "apple", "pear", "plum"), _conversation("two", "oak", "elm", category="tree"))


def _subject(*conversations: Conversation) -> evaluation.Subject:
    return evaluation.Subject("jsonl", "raw", conversations)


def test_a_perfect_system_scores_one_everywhere_and_beats_chance() -> None:
    table = evaluation.evaluate(_subject(*TWO), {"oracle": Oracle, "bm25": Chance}, budgets=(16,))
    oracle, chance = table.rows
    assert oracle.n_questions == 5
    assert {m: v for m, v in oracle.means.items() if m != "R@1"} == dict.fromkeys(list(oracle.means)[1:], 1.0)
    assert oracle.means["R@1"] == 1.0
    assert list(table.by_category) == ["fact", "tree"]
    assert [row.n_questions for row in table.by_category["tree"]] == [2, 2]
    assert table.gains["MRR"].mean == pytest.approx(1.0 - chance.means["MRR"])
    assert oracle.over_budget == 0


def test_contexts_over_their_budget_are_counted_and_shown() -> None:
    systems: dict[str, Callable[[], evaluation.System]] = {"oracle": lambda: Oracle(overdoes=True)}
    table = evaluation.evaluate(_subject(*TWO), systems, budgets=(16,))
    assert table.rows[0].over_budget == 10  # five questions, two counters
    assert any("over their budget: oracle: 10" in line for line in evaluation.lines(table, "B@16"))


def test_lines_show_every_system_and_what_is_apart() -> None:
    answers = {
        "a": [evaluation.Answer("g", c, {"B@9": v}, 0.0) for c, v in (("1", 1.0), ("1", 0.0), ("5", 1.0))],
        "bm25": [evaluation.Answer("g", c, {"B@9": 0.0}, 0.0) for c in ("1", "1", "5")],
    }
    table = evaluation.tabulate("title", answers, scored=("1",))
    assert table.rows[0].means == {"B@9": 0.5}
    assert table.apart == ("5",)
    shown = "\n".join(evaluation.lines(table, "B@9"))
    assert "B@9 gain over bm25: +50.0 [+50.0, +50.0]" in shown
    assert "5 *" in shown


def test_pooled_renames_speakers_everywhere_and_keeps_ids_apart() -> None:
    one = Conversation(
        "one",
        (Turn("Hi Mary Jones!", "Tom", session="1", id="t"), Turn("Tom's early", "Mary Jones", session="1", id="u")),
        (Question("When did Mary meet Tom, not Tomas?", ("t",)),),
    )
    (trial,) = evaluation.pooled([one, one])
    assert [turn.id for turn in trial.turns] == ["0/t", "0/u", "1/t", "1/u"]
    assert {turn.session for turn in trial.turns} == {"0/1", "1/1"}
    assert [turn.labelled for turn in trial.turns[:2]] == ["Alex: Hi Sam!", "Sam: Alex's early"]
    assert trial.asked[1][1].text == "When did Sam meet Alex, not Tomas?"
    assert trial.asked[1][1].gold == ("1/t",)


def test_speakers_with_a_role_keep_their_name() -> None:
    chat = Conversation("c", (Turn("ask the user", "user", "user", id="t"),))
    assert anonymous(chat) == chat


def test_single_session_keeps_only_the_sessions_of_the_evidence() -> None:
    shown = list(evaluation.single_session([_conversation("one", "a1", "a2", "a3")]))
    assert [[turn.id for turn in trial.turns] for trial in shown] == [["t0", "t1"], ["t2"]]
    assert [[q.id for _, q in trial.asked] for trial in shown] == [["q0", "q1"], ["q2"]]


def test_small_holds_the_evidence_and_others_by_chance() -> None:
    talk = _conversation("one", *(f"w{n}" for n in range(9)))
    for trial in evaluation.small(3)([talk]):
        ((_, question),) = trial.asked
        assert len(trial.turns) == 3
        assert question.gold[0] in {turn.id for turn in trial.turns}
    pair = Conversation("p", talk.turns, (Question("both?", ("t0", "t1")),))
    assert list(evaluation.small(1)([pair])) == []


def test_among_spreads_other_sentences_between_the_sessions() -> None:
    talk = _conversation("one", "a1", "a2", "a3")
    talk = Conversation(
        talk.name, tuple(replace(turn, at_ns=n * 10) for n, turn in enumerate(talk.turns)), talk.questions
    )
    (trial,) = evaluation.among(5, [f"other {n}" for n in range(9)])([talk])
    assert [turn.text.split(" is ")[0] for turn in trial.turns] == [
        "other 0", "other 1", "a1", "a2", "other 2", "other 3", "other 4", "a3",
    ]  # fmt: skip
    assert [turn.at_ns for turn in trial.turns] == [0, 0, 0, 10, 20, 20, 20, 20]
    assert len({turn.session for turn in trial.turns}) == 4
    assert [q.id for _, q in trial.asked] == ["q0", "q1", "q2"]
    (alone,) = evaluation.among(0, [])([talk])
    assert alone.turns == talk.turns
    with pytest.raises(InvalidInput, match="10 other sentences are wanted, and there are 9"):
        evaluation.among(10, ["other"] * 9)


def test_other_sentences_are_cut_told_once_and_not_too_short() -> None:
    text = "One two three four five. Yes! One two three four five.\nSix seven eight nine ten eleven"
    assert evaluation.sentences(text) == ["One two three four five.", "Six seven eight nine ten eleven"]


def test_left_out_leaves_out_the_evidence_only() -> None:
    (first, *_) = evaluation.left_out([TWO[1]])
    assert [turn.id for turn in first.turns] == ["t1"]


def test_abstention_tells_with_from_without() -> None:
    (result,) = evaluation.abstention(_subject(*TWO), {"oracle": Oracle})
    assert (result.auc, result.with_evidence, result.without_evidence) == (1.0, 1.0, 0.0)
    assert [at.risk for at in result.curve] == pytest.approx([0, 0, 0, 0, 0, 1 / 6, 2 / 7, 3 / 8, 4 / 9, 1 / 2])
    assert result.evidence == 1.0
    assert (result.empty_with, result.empty_without) == (0, 0)
    assert result.tokens_with == 5.0  # 'pear is what I said' and the like
    shown = "\n".join(evaluation.abstention_lines([result]))
    for told in ("AURC", "empty with", "C@1024", "oracle risk", "threshold", "37.5 %"):
        assert told in shown


class Silent(Oracle):
    """Says nothing where it has found nothing."""

    def context(self, question: str, budget_tokens: int, *, own_counter: bool) -> Passage:
        passage = super().context(question, budget_tokens, own_counter=own_counter)
        return passage if passage.confidence else Passage("", 0, 0.0)


def test_empty_contexts_are_counted_with_and_without_evidence() -> None:
    (result,) = evaluation.abstention(_subject(*TWO), {"silent": Silent})
    assert (result.empty_with, result.empty_without, result.tokens_without) == (0, 5, 0.0)


def test_questions_without_evidence_are_not_asked() -> None:
    talk = Conversation("c", TURNS, (Question("nobody knows?"), Question("dog", ("t1",))))
    assert [len(trial.asked) for trial in evaluation.own([talk])] == [1]


def test_sampling_is_even() -> None:
    talk = _conversation("one", *(f"w{n}" for n in range(10)))
    assert [q.id for q in evaluation.sampled(_subject(talk), 5).conversations[0].questions] == [
        "q0", "q2", "q4", "q6", "q8",
    ]  # fmt: skip


def test_files_without_labelled_questions_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Ana: hi\n")
    with pytest.raises(InvalidInput, match="no questions with evidence"):
        evaluation.subjects([path])


def test_plain_bm25_gives_the_known_figures(shared_data: Path) -> None:
    raw, repaired = evaluation.subjects([shared_data / "locomo" / "locomo_dev.json"])
    table = evaluation.evaluate(raw, {"bm25": Bm25}, budgets=(1024,))
    known = {"R@5": 0.542, "R@10": 0.624, "MRR": 0.479, "B@1024": 0.709}
    for measure, figure in known.items():
        assert table.rows[0].means[measure] == pytest.approx(figure, abs=0.015), measure
    assert table.apart == ("5",)
    assert repaired.labels == "corrected"


class TestUpdates:
    """Old and new of something that changed."""

    @staticmethod
    def counted(passages):
        turns = (
            Turn("The deadline is April 20", "user", "user", at_ns=0, id="old"),
            Turn("The deadline moved to April 25", "user", "user", at_ns=1, id="new"),
        )
        question = Question("When is the deadline?", ("old", "new"), "knowledge_update", "q", ("old",))
        conversation = Conversation("c", turns, (question, Question("else?", ("new",), "other")))
        asked = iter(passages)

        class Given:
            name = "given"

            def index(self, turns):
                pass

            def rank(self, question, k):
                raise AssertionError("it is not asked for a ranking")

            def context(self, question, budget_tokens, *, own_counter):
                return evaluation.Passage(next(asked), 1, 1.0)

            def close(self):
                pass

        subject = evaluation.Subject("jsonl", "raw", (conversation,))
        found = evaluation.updates(subject, {"given": Given})
        assert [each.n_questions for each in found] == [1, 1]
        return found[0]

    old, new = "user: The deadline is April 20", "user: The deadline moved to April 25"

    @pytest.mark.parametrize(
        ("passage", "recalled", "absent", "marked"),
        [
            (f"{old}\n{new}", 1, 0, 0),
            (f"{new}", 1, 1, 0),
            (f"{old}\n  (later: April 25)\n{new}", 1, 0, 1),
            (f"{old}\n{new}\n  (later: May)", 1, 0, 0),
            (f"{old}", 0, 0, 0),
        ],
    )
    def test_counts(self, passage, recalled, absent, marked):
        found = self.counted([passage, ""])
        assert (found.recalled, found.absent, found.marked) == (recalled, absent, marked)
        assert found.share == (absent + marked if recalled else pytest.approx(float("nan"), nan_ok=True))
