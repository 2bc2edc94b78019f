"""Embedders, text to vector, and rerankers made of models."""
