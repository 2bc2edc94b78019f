"""Namespaces, and the two walks through them: an utterance in, a query out."""
