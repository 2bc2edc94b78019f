"""How the questions of conversations are put: each over which memories.

A mode turns conversations into trials; a trial is indexed once and asked all its questions. Pure: what
is drawn at random is drawn from a seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import msgspec

from remanence.errors import InvalidInput
from remanence.surfaces.datasets import Conversation, Question, Turn, with_stable_ids

SHARED_NAMES = ("Alex", "Sam")
_MORE_NAMES = ("Robin", "Kim", "Jo", "Lee")
_GUESTS = 7  # who say the other sentences
_GUEST_TURNS = 20  # that they say in a session
_FEW_WORDS = 5
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")


class Trial(msgspec.Struct, frozen=True):
    """Memories and the questions put to them.

    Attributes:
        asked: each question with the name of the conversation it is about.
    """

    turns: tuple[Turn, ...]
    asked: tuple[tuple[str, Question], ...]


Mode = Callable[[Sequence[Conversation]], Iterator[Trial]]


def own(conversations: Sequence[Conversation]) -> Iterator[Trial]:
    """Yield one trial a conversation: its questions over all its turns."""
    for conversation in conversations:
        turns = tuple(with_stable_ids(conversation.turns))
        yield Trial(turns, tuple((conversation.name, q) for q in _answerable(conversation)))


def pooled(conversations: Sequence[Conversation]) -> Iterator[Trial]:
    """Yield one trial with every conversation in it, all of them between the same two names."""
    turns: list[Turn] = []
    asked: list[tuple[str, Question]] = []
    for n, conversation in enumerate(map(anonymous, conversations)):
        turns += (
            msgspec.structs.replace(turn, session=f"{n}/{turn.session}")
            for turn in with_stable_ids(conversation.turns, f"{n}/")
        )
        for question in _answerable(conversation):
            gold = tuple(f"{n}/{id_}" for id_ in question.gold)
            asked.append((conversation.name, msgspec.structs.replace(question, gold=gold)))
    yield Trial(tuple(turns), tuple(asked))


def single_session(conversations: Sequence[Conversation]) -> Iterator[Trial]:
    """Yield a trial for each set of sessions that holds the evidence of some question."""
    for conversation in conversations:
        turns = tuple(with_stable_ids(conversation.turns))
        session_of = {turn.id: turn.session for turn in turns}
        by_sessions: dict[frozenset[str], list[tuple[str, Question]]] = {}
        for question in _answerable(conversation):
            sessions = frozenset(session_of[id_] for id_ in question.gold if id_ in session_of)
            by_sessions.setdefault(sessions, []).append((conversation.name, question))
        for sessions, asked in by_sessions.items():
            yield Trial(tuple(turn for turn in turns if turn.session in sessions), tuple(asked))


def small(n_memories: int, seed: int = 0) -> Mode:
    """Return a mode with a trial a question: its gold turns and others by chance, `n_memories` in all.

    Questions with more gold turns than that are left out.
    """

    def mode(conversations: Sequence[Conversation]) -> Iterator[Trial]:
        for conversation in conversations:
            turns = tuple(with_stable_ids(conversation.turns))
            for n, question in enumerate(_answerable(conversation)):
                gold = set(question.gold)
                if len(gold) > n_memories:
                    continue
                others = [turn.id for turn in turns if turn.id not in gold]
                draw = random.Random(f"{seed} {conversation.name} {n}")
                kept = gold | set(draw.sample(others, min(n_memories - len(gold), len(others))))
                yield Trial(tuple(turn for turn in turns if turn.id in kept), ((conversation.name, question),))

    return mode


def sentences(text: str) -> list[str]:
    """Return the distinct sentences of a text that have five words or more, in their order."""
    cut = (sentence.strip() for sentence in _SENTENCE_END.split(text))
    return list(dict.fromkeys(sentence for sentence in cut if len(sentence.split()) >= _FEW_WORDS))


def among(n_others: int, others: Sequence[str]) -> Mode:
    """Return a mode with each conversation among `n_others` sentences of other people, the same for all.

    They are spread evenly over the time of the conversation: sessions of their own, before each of its sessions.
    """
    if n_others > len(others):
        raise InvalidInput(f"{n_others:,} other sentences are wanted, and there are {len(others):,}")

    def mode(conversations: Sequence[Conversation]) -> Iterator[Trial]:
        for conversation in conversations:
            own_turns = with_stable_ids(conversation.turns)
            sessions = [list(turns) for _, turns in groupby(own_turns, lambda turn: turn.session)]
            turns: list[Turn] = []
            for i, session in enumerate(sessions):
                for n in range(i * n_others // len(sessions), (i + 1) * n_others // len(sessions)):
                    where = f"others/{i}/{n // _GUEST_TURNS}"
                    turns.append(Turn(others[n], f"Guest {n % _GUESTS}", "", session[0].at_ns, where, f"others/{n}"))
                turns += session
            yield Trial(tuple(turns), tuple((conversation.name, q) for q in _answerable(conversation)))

    return mode


def left_out(conversations: Sequence[Conversation]) -> Iterator[Trial]:
    """Yield a trial a question, over its conversation without its gold turns."""
    for conversation in conversations:
        turns = tuple(with_stable_ids(conversation.turns))
        for question in _answerable(conversation):
            gold = set(question.gold)
            yield Trial(tuple(turn for turn in turns if turn.id not in gold), ((conversation.name, question),))


def anonymous(conversation: Conversation) -> Conversation:
    """Return a conversation with its speakers renamed to shared names, also where they are spoken of.

    Speakers with a role (user, assistant) are called the same everywhere already and keep their name.
    """
    speakers = dict.fromkeys(turn.speaker for turn in conversation.turns if turn.speaker and not turn.role)
    shared = (*SHARED_NAMES, *_MORE_NAMES)
    renamed: dict[str, str] = {}
    for n, speaker in enumerate(speakers):
        name = shared[n] if n < len(shared) else f"Person {n}"
        renamed[speaker] = name
        for part in speaker.split():
            if part[:1].isupper():
                renamed.setdefault(part, name)
    if not renamed:
        return conversation
    longest_first = sorted(renamed, key=len, reverse=True)
    spoken_of = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")

    def rename(text: str) -> str:
        return spoken_of.sub(lambda found: renamed[found[0]], text)

    return Conversation(
        conversation.name,
        tuple(
            msgspec.structs.replace(turn, speaker=renamed.get(turn.speaker, turn.speaker), text=rename(turn.text))
            for turn in conversation.turns
        ),
        tuple(msgspec.structs.replace(q, text=rename(q.text)) for q in conversation.questions),
    )


def _answerable(conversation: Conversation) -> list[Question]:
    return [question for question in conversation.questions if question.gold]
