"""Text that can be said in another language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce


class Message(str):
    """English text that remembers its template and its values.

    Wherever a string is expected it is the English text; :meth:`ipsrct._language.Language.say` says it in
    another language. Values may be messages themselves.

    Parameters
    ----------
    template : str
        With named placeholders, e.g. ``"must be at least {limit}, got {given}"``; what the catalogues
        translate, so it must be a literal where the class is called. A number's format stands in the
        placeholder, ``{n:,}`` or ``{share:.1%}``, and each language writes it with its own marks.
    **values
        One for each placeholder.
    """

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Message:
        self = super().__new__(cls, template.format(**values))
        self.template, self.values = template, values
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:  # errors cross processes
        return (self.template,), self.values


def _(template: str) -> str:
    """Mark for the catalogues a template that is no literal where :class:`Message` is called."""
    return template


def chained(parts: Sequence[str], template: str) -> str:
    """Return texts, at least one, two and two by a template with ``{first}`` and ``{rest}``."""
    return reduce(lambda first, rest: Message(template, first=first, rest=rest), parts)


def said_by(error: BaseException) -> str:
    """Return an exception's text, as a message where it was raised with one."""
    return error.args[0] if error.args and isinstance(error.args[0], Message) else str(error)


def joined(parts: Iterable[str], separator: str = ", ") -> Message:
    """Return texts one after the other, with a separator that every language writes alike."""
    values = {f"part{i}": part for i, part in enumerate(parts)}
    return Message(separator.join(f"{{{name}}}" for name in values), **values)
