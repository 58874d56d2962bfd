"""Text that can be said in another language."""

from __future__ import annotations

from collections.abc import Iterable


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


def joined(parts: Iterable[str], separator: str = ", ") -> Message:
    """Return texts one after the other, with a separator that every language writes alike."""
    values = {f"part{i}": part for i, part in enumerate(parts)}
    return Message(separator.join(f"{{{name}}}" for name in values), **values)
