"""Durable bytes."""
