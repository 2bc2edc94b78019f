"""The command line, `remanence`: one file a command. A surface: it asks the engine and prints."""

from remanence.surfaces.cli.root import cli, main

__all__ = ["cli", "main"]
