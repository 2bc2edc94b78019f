"""The systems `peers.py` compares, each behind the same five calls.

Every one is set up as its documentation says is fastest for this job, in its own process, in memory
where it can be; what a class does differently from the plain reading of its name is in its docstring.
Imports are inside the classes: a system that is not installed is reported absent, the others run.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


class Peer:
    """One system.

    Attributes:
        package: distribution whose version is reported; its absence is too.
        embeds: whether `search` takes the text and makes the vector itself.
        environment: variables its process needs.
    """

    package: ClassVar[str]
    embeds: ClassVar[bool] = False
    environment: ClassVar[dict[str, str]] = {}

    def __init__(self, path: str, dim: int, users: int) -> None:
        raise NotImplementedError

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        """Store all memories of one user at once."""
        raise NotImplementedError

    def ready(self) -> None:
        """Build what is built once, after the last `fill`."""

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        """Return the texts of the user's k best memories."""
        raise NotImplementedError

    def add(self, user: int, text: str, vector: Vector) -> None:
        """Store one more memory, visible to the next search."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of files."""


class Remanence(Peer):
    """remanence.open(): a namespace per user; the whole call, hybrid: text in, ranked texts out."""

    package = "remanence"
    embeds = True

    def __init__(self, path: str, dim: int, users: int) -> None:
        import remanence

        self.store = remanence.open(self.path_of(path))
        self.users = [self.store.memory(f"user/{user}") for user in range(users)]

    def path_of(self, path: str) -> str | None:
        return None

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        for text in texts:
            self.users[user].add(text)

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        return [hit.text for hit in self.users[user].search(text, k=k)]

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.users[user].add(text)

    def close(self) -> None:
        self.store.close()


class RemanenceFile(Remanence):
    """remanence.open(path): the same with its log on disk, as in production."""

    def path_of(self, path: str) -> str | None:
        return path + ".db"


class Numpy(Peer):
    """A matrix per user, one product, ten best: the least a vector search can cost."""

    package = "numpy"

    def __init__(self, path: str, dim: int, users: int) -> None:
        self.vectors: list[Vector] = [np.zeros((0, dim), np.float32)] * users
        self.texts: list[list[str]] = [[] for _ in range(users)]

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        self.texts[user] = list(texts)
        self.vectors[user] = vectors

    def scores(self, user: int, vector: Vector, text: str) -> NDArray[np.float32]:
        return self.vectors[user] @ vector

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        scores = self.scores(user, vector, text)
        best = np.argpartition(scores, -k)[-k:]
        held = self.texts[user]
        return [held[i] for i in best[np.argsort(-scores[best])]]

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.texts[user].append(text)
        self.vectors[user] = np.vstack([self.vectors[user], vector])


class NumpyBM25(Numpy):
    """The same and a bm25s index per user, English stop words; sum of z-scores.

    bm25s cannot add to an index, so one more memory rebuilds the user's.
    """

    package = "bm25s"

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        super().fill(user, texts, vectors)
        self.index(user)

    def index(self, user: int) -> None:
        import bm25s

        if not hasattr(self, "lexical"):
            self.lexical: dict[int, Any] = {}
            self.tokenize = lambda texts: bm25s.tokenize(texts, stopwords="en", return_ids=False, show_progress=False)
        self.lexical[user] = bm25s.BM25()
        self.lexical[user].index(self.tokenize(self.texts[user]), show_progress=False)

    def scores(self, user: int, vector: Vector, text: str) -> NDArray[np.float32]:
        semantic = super().scores(user, vector, text)
        lexical = self.lexical[user].get_scores(self.tokenize([text])[0])
        return _z(semantic) + _z(lexical)

    def add(self, user: int, text: str, vector: Vector) -> None:
        super().add(user, text, vector)
        self.index(user)


def _z(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    return (scores - scores.mean()) / (scores.std() + 1e-9)


class FaissFlat(Numpy):
    """faiss.IndexFlatIP per user, one thread."""

    package = "faiss-cpu"

    def __init__(self, path: str, dim: int, users: int) -> None:
        import faiss

        faiss.omp_set_num_threads(1)
        self.texts = [[] for _ in range(users)]
        self.indexes = [self.make(faiss, dim) for _ in range(users)]

    def make(self, faiss: Any, dim: int) -> Any:
        return faiss.IndexFlatIP(dim)

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        self.texts[user] = list(texts)
        self.indexes[user].add(vectors)

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        held = self.texts[user]
        return [held[i] for i in self.indexes[user].search(vector[None], k)[1][0]]

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.texts[user].append(text)
        self.indexes[user].add(vector[None])


class FaissHNSW(FaissFlat):
    """faiss.IndexHNSWFlat per user, M = 32, efSearch = 64, one thread."""

    def make(self, faiss: Any, dim: int) -> Any:
        index = faiss.IndexHNSWFlat(dim, 32, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efSearch = 64
        return index


class Usearch(Numpy):
    """usearch.Index (HNSW) per user, cosine, f32, defaults otherwise, one thread."""

    package = "usearch"

    def __init__(self, path: str, dim: int, users: int) -> None:
        from usearch.index import Index

        self.texts = [[] for _ in range(users)]
        self.indexes = [Index(ndim=dim, metric="cos", dtype="f32") for _ in range(users)]

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        self.texts[user] = list(texts)
        self.indexes[user].add(np.arange(len(texts)), vectors, threads=1)

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        held = self.texts[user]
        return [held[i] for i in self.indexes[user].search(vector, k, threads=1).keys.tolist()]

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.indexes[user].add(len(self.texts[user]), vector, threads=1)
        self.texts[user].append(text)


class RoutingMemory(Peer):
    """routing-memory's codebook and retriever per user, 4 probes, no threshold, without its storage."""

    package = "routing-memory"

    def __init__(self, path: str, dim: int, users: int) -> None:
        from rm import Codebook, L1Retriever

        self.books = [Codebook(dim=dim, seed=42) for _ in range(users)]
        self.retrievers = [L1Retriever(book, n_probes=4, top_k=10, score_threshold=-1.0) for book in self.books]

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        ids = [str(i) for i in range(len(texts))]
        self.books[user].fit(vectors, ids)
        for i, text, vector in zip(ids, texts, vectors, strict=True):
            self.retrievers[user].register_item(i, text, vector)

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        return [found.text for found in self.retrievers[user].query(vector).results[:k]]

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.books[user].add(text, vector)
        self.retrievers[user].register_item(text, text, vector)


class SqliteVec(Peer):
    """sqlite-vec: one vec0 table in memory, user as partition key, text as auxiliary column."""

    package = "sqlite-vec"

    def __init__(self, path: str, dim: int, users: int) -> None:
        import sqlite_vec

        try:
            import pysqlite3 as sqlite3  # many Pythons are built without loadable extensions
        except ImportError:
            import sqlite3

        self.db = sqlite3.connect(":memory:")
        self.db.enable_load_extension(True)
        sqlite_vec.load(self.db)
        self.db.execute(
            "create virtual table memory using vec0("
            f"user integer partition key, vector float[{dim}] distance_metric=cosine, +text text)"
        )

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        rows = [(user, vector.tobytes(), text) for text, vector in zip(texts, vectors, strict=True)]
        self.db.executemany("insert into memory(user, vector, text) values (?, ?, ?)", rows)
        self.db.commit()

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        found = self.db.execute(
            "select text from memory where vector match ? and k = ? and user = ?", (vector.tobytes(), k, user)
        )
        return [row[0] for row in found]

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.db.execute("insert into memory(user, vector, text) values (?, ?, ?)", (user, vector.tobytes(), text))
        self.db.commit()

    def close(self) -> None:
        self.db.close()


class Chroma(Peer):
    """chromadb: a collection per user, cosine, embeddings given."""

    package = "chromadb"
    environment: ClassVar[dict[str, str]] = {"ANONYMIZED_TELEMETRY": "False"}

    def __init__(self, path: str, dim: int, users: int) -> None:
        import chromadb

        client: Any = chromadb.EphemeralClient()
        space = {"hnsw:space": "cosine"}
        self.collections = [
            client.create_collection(f"user-{i}", metadata=space, embedding_function=None)
            for i in range(1 if self.shared() else users)
        ]
        self.n = 0

    def shared(self) -> bool:
        return False

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        ids = [str(self.n + i) for i in range(len(texts))]
        self.n += len(texts)
        self.collections[0 if self.shared() else user].add(
            ids=ids, embeddings=vectors, documents=texts, metadatas=[{"user_id": user}] * len(texts)
        )

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        found = self.collections[user].query(query_embeddings=vector, n_results=k, include=["documents"])
        return found["documents"][0]

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.fill(user, [text], vector[None])


class ChromaFilter(Chroma):
    """chromadb: one collection, where={"user_id": ...}."""

    def shared(self) -> bool:
        return True

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        found = self.collections[0].query(
            query_embeddings=vector, n_results=k, where={"user_id": user}, include=["documents"]
        )
        return found["documents"][0]


class Lance(Peer):
    """lancedb: a table per user on local disk, exact search."""

    package = "lancedb"

    def __init__(self, path: str, dim: int, users: int) -> None:
        import lancedb

        self.db = lancedb.connect(path)
        self.tables: dict[int, Any] = {}

    def rows(self, user: int, texts: list[str], vectors: Vector) -> list[dict[str, object]]:
        return [{"user": user, "text": t, "vector": v} for t, v in zip(texts, vectors, strict=True)]

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        self.tables[user] = self.db.create_table(f"user_{user}", self.rows(user, texts, vectors))

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        found = self.tables[user].search(vector).distance_type("cosine").select(["text"]).limit(k).to_arrow()
        return found["text"].to_pylist()

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.tables[user].add(self.rows(user, [text], vector[None]))


class LanceFilter(Lance):
    """lancedb: one table on local disk, compacted, bitmap index on the user, pre-filter, exact search."""

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        rows = self.rows(user, texts, vectors)
        if not self.tables:
            self.tables[0] = self.db.create_table("memory", rows)
        else:
            self.tables[0].add(rows)

    def ready(self) -> None:
        self.tables[0].create_scalar_index("user", index_type="BITMAP")
        self.tables[0].optimize()

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        query = self.tables[0].search(vector).distance_type("cosine").where(f"user = {user}", prefilter=True)
        return query.select(["text"]).limit(k).to_arrow()["text"].to_pylist()

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.tables[0].add(self.rows(user, [text], vector[None]))


class QdrantFilter(Peer):
    """qdrant-client local mode, in memory: one collection, filtered by user."""

    package = "qdrant-client"

    def __init__(self, path: str, dim: int, users: int) -> None:
        from qdrant_client import QdrantClient, models

        self.models = models
        self.client = QdrantClient(":memory:")
        self.names = [self.name(user) for user in range(users)]
        for name in dict.fromkeys(self.names):
            config = models.VectorParams(size=dim, distance=models.Distance.COSINE)
            self.client.create_collection(name, vectors_config=config)
        self.n = 0

    def name(self, user: int) -> str:
        return "memory"

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        points = [
            self.models.PointStruct(id=self.n + i, vector=vector.tolist(), payload={"user": user, "text": text})
            for i, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]
        self.n += len(points)
        self.client.upsert(self.names[user], points)

    def condition(self, user: int) -> Any:
        match = self.models.MatchValue(value=user)
        return self.models.Filter(must=[self.models.FieldCondition(key="user", match=match)])

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        found = self.client.query_points(
            self.names[user], query=vector, query_filter=self.condition(user), limit=k, with_payload=["text"]
        )
        return [point.payload["text"] for point in found.points if point.payload]

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.fill(user, [text], vector[None])


class Qdrant(QdrantFilter):
    """qdrant-client local mode, in memory: a collection per user."""

    def name(self, user: int) -> str:
        return f"user-{user}"

    def condition(self, user: int) -> Any:
        return None


class LangGraph(Peer):
    """LangGraph's InMemoryStore: a namespace per user, vectors handed over through its embed function."""

    package = "langgraph"

    def __init__(self, path: str, dim: int, users: int) -> None:
        from langgraph.store.memory import InMemoryStore

        self.vectors: dict[str, Vector] = {}
        embed = self.vectors.__getitem__
        index: Any = {"dims": dim, "embed": lambda texts: [embed(text) for text in texts], "fields": ["text"]}
        self.store = InMemoryStore(index=index)
        self.n = 0

    def fill(self, user: int, texts: list[str], vectors: Vector) -> None:
        for text, vector in zip(texts, vectors, strict=True):
            self.add(user, text, vector)

    def search(self, user: int, vector: Vector, text: str, k: int) -> list[str]:
        self.vectors[text] = vector
        found = self.store.search(("users", str(user)), query=text, limit=k)
        del self.vectors[text]
        return [item.value["text"] for item in found]

    def add(self, user: int, text: str, vector: Vector) -> None:
        self.vectors[text] = vector
        self.store.put(("users", str(user)), str(self.n), {"text": text})
        del self.vectors[text]
        self.n += 1


PEERS: dict[str, type[Peer]] = {
    "remanence": Remanence,
    "remanence-file": RemanenceFile,
    "numpy-per-user": Numpy,
    "numpy-bm25-per-user": NumpyBM25,
    "faiss-flat-per-user": FaissFlat,
    "faiss-hnsw-per-user": FaissHNSW,
    "usearch-per-user": Usearch,
    "routing-memory-per-user": RoutingMemory,
    "sqlite-vec-partition": SqliteVec,
    "langgraph-namespace": LangGraph,
    "lancedb-per-user": Lance,
    "lancedb-filter": LanceFilter,
    "chromadb-per-user": Chroma,
    "chromadb-filter": ChromaFilter,
    "qdrant-local-per-user": Qdrant,
    "qdrant-local-filter": QdrantFilter,
}
