"""What the commands say on stderr, in the language that was asked for."""

from __future__ import annotations

from contextvars import ContextVar

import click

from ipsrct._foreign_words import recognised
from ipsrct._language import Code, language
from ipsrct._message import Message, said_by
from ipsrct.errors import ScenarioError

_asked_for: ContextVar[Code | None] = ContextVar("asked_for", default=None)
_preferred: ContextVar[Code] = ContextVar("preferred", default="en")


def choose(code: Code | None) -> None:
    """Set the language of a command; None leaves it to the command, which begins with English."""
    _asked_for.set(code)
    _preferred.set("en")


def prefer(code: Code) -> None:
    """Set the language where none was asked for."""
    _preferred.set(code)


def chosen() -> Code:
    """Return the language."""
    return _asked_for.get() or _preferred.get()


def said(text: str) -> str:
    """Return a message in the language; text that is no message as it is."""
    return language(chosen()).say(text) if isinstance(text, Message) else text


def tell(text: str) -> None:
    """Print a message on stderr."""
    click.echo(said(text), err=True)


def show_faults(error: ScenarioError) -> None:
    """Print every fault of a scenario."""
    lines = [said(error.heading), *(f"  {said(f.path)}: {said(f.message)}" for f in error.faults)]
    click.echo("\n".join(lines), err=True)


def show_error(error: Exception) -> None:
    """Print an error of ipsrct's own."""
    tell(Message("Error: {problem}", problem=said_by(error)))


def show_usage_error(error: click.ClickException) -> None:
    """Print what is wrong with a command; as click does in English, and where its words are not known."""
    problem = recognised(error.format_message())
    if isinstance(problem, Message) and isinstance(error.message, Message):
        problem = Message(problem.template, **problem.values | {"problem": error.message})
    if chosen() == "en" or not isinstance(problem, Message):
        error.show()
        return
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        tell(recognised(context.get_usage()))
        tell(Message("Try '{command} -h' for help.", command=context.command_path))
        click.echo(err=True)
    tell(Message("Error: {problem}", problem=problem))
