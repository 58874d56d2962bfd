"""How the English texts of the findings are made, so that they can be said in another language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ipsrct._message import Message


def texts(document: Any) -> dict[str, dict[str, Any]]:
    """Return template and values of every text in a document that was made from values.

    Values are numbers and texts; a text among them may have a template of its own. A text without values is
    its own template, and left out; so is one that is nothing but one of its values.
    """
    return {
        str(message): {"template": message.template, "values": dict(message.values)}
        for message in _messages(document)
        if message.values and message not in message.values.values()
    }


def message(text: str, made: Mapping[str, Any]) -> str:
    """Return a text of a document as the message that it was before it became JSON.

    Parameters
    ----------
    text : str
    made : mapping
        What :func:`texts` returned.
    """
    if text not in made:
        return text
    template, values = made[text]["template"], made[text]["values"]
    said = {name: message(value, made) if isinstance(value, str) else value for name, value in values.items()}
    return Message(template, **said)


def _messages(node: Any) -> Iterator[Message]:
    if isinstance(node, Message):
        yield node
        yield from _messages(node.values)
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _messages(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _messages(value)
