"""`remanence version`: what is installed, for a bug report."""

from __future__ import annotations

import platform

import click

from remanence.surfaces.cli.options import json_option, print_json


@click.command(short_help="Show what is installed.")
@json_option
def version(as_json: bool) -> None:
    """Show the version of the package and of what it runs on.

    \b
    Examples:
      remanence version
      remanence version --json
    """
    import numpy

    import remanence

    facts = {
        "remanence": remanence.__version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "platform": platform.platform(),
    }
    if as_json:
        print_json(facts)
    else:
        click.echo("\n".join(f"{name} {value}" for name, value in facts.items()))
