"""`remanence completion`: tab completion for a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_VARIABLE = "_REMANENCE_COMPLETE"


@click.command(short_help="Print the script for tab completion.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options and namespaces.

    \b
    Examples:
      remanence completion bash >> ~/.bashrc
      remanence completion zsh >> ~/.zshrc
      remanence completion fish > ~/.config/fish/completions/remanence.fish
    """
    made = get_completion_class(shell)
    if made is None:
        raise click.ClickException(f"no completion for {shell}; use bash, zsh or fish")
    click.echo(made(ctx.find_root().command, {}, "remanence", _VARIABLE).source())
