"""What Python, the TOML reader, the operating system and click say, recognised by its wording.

Their texts come ready made, so their templates are found again; text that no template fits stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

from ipsrct._message import Message, _

_TEMPLATES = (
    # A place in a TOML file; the problem is one of those below.
    _("{problem} (at line {line}, column {column})"),
    _("{problem} (at end of document)"),
    # The TOML reader of Python, tomllib.
    _("Invalid statement"),
    _("Invalid value"),
    _("Expected newline or end of document after a statement"),
    _("Expected '=' after a key in a key/value pair"),
    _("Expected ']' at the end of a table declaration"),
    _("Expected ']]' at the end of an array declaration"),
    _("Invalid initial character for a key part"),
    _("Cannot overwrite a value"),
    _("Cannot declare {key} twice"),
    _("Cannot redefine namespace {key}"),
    _("Cannot mutate immutable namespace {key}"),
    _("Duplicate inline table key {key}"),
    _("Unclosed array"),
    _("Unclosed inline table"),
    _("Unterminated string"),
    _("Unescaped '\\' in a string"),
    _("Invalid hex value"),
    _("Escaped character is not a Unicode scalar value"),
    _("Found invalid character {character}"),
    _("Illegal character {character}"),
    _("Invalid date or datetime"),
    _("Expected {character}"),
    # Python's own limits.
    _("maximum recursion depth exceeded"),
    _("maximum recursion depth exceeded {where}"),
    _("TOML inline arrays/tables are nested more than the allowed {most} levels"),
    _(
        "Exceeds the limit ({most} digits) for integer string conversion: value has {n} digits; "
        "use sys.set_int_max_str_digits() to increase the limit"
    ),
    _("embedded null byte"),
    _("embedded null character"),
    _("invalid start byte"),
    _("invalid continuation byte"),
    _("unexpected end of data"),
    # The operating system.
    _("No such file or directory"),
    _("Is a directory"),
    _("Not a directory"),
    _("Permission denied"),
    _("File name too long"),
    _("No space left on device"),
    _("Read-only file system"),
    _("[Errno {number}] {problem}: {path}"),
    _("[Errno {number}] {problem}"),
    # Click, which says what is wrong with a command.
    _("Usage: {usage}"),
    _("Invalid value for {parameter}: {problem}"),
    _("Invalid value: {problem}"),
    _("Missing argument {parameter}."),
    _("Missing option {parameter}."),
    _("Missing command."),
    _("No such command {name}. Did you mean {near}?"),
    _("No such command {name}. (Did you mean one of: {near}?)"),
    _("No such command {name}."),
    _("No such option {name}. Did you mean {near}?"),
    _("No such option {name}. (Did you mean one of: {near}?)"),
    _("No such option {name}."),
    _("No such option: {name} Did you mean {near}?"),
    _("No such option: {name}"),
    _("Option {name} requires an argument."),
    _("Option {name} does not take a value."),
    _("Got unexpected extra argument ({arguments})"),
    _("Got unexpected extra arguments ({arguments})"),
    _("{value} is not a valid integer range."),
    _("{value} is not a valid float range."),
    _("{value} is not a valid integer."),
    _("{value} is not a valid float."),
    _("{value} is not in the range {range}."),
    _("{value} is not one of {choices}."),
    _("File {path} does not exist."),
    _("Path {path} does not exist."),
    _("File {path} is a directory."),
    _("Directory {path} is a file."),
    _("File {path} is not readable."),
)


def recognised(text: str) -> str:
    """Return a text as a message where a template fits it, and as it is where none does."""
    for template, pattern in _patterns():
        match = pattern.fullmatch(text)
        if match:
            values = match.groupdict()
            if "problem" in values:
                values["problem"] = recognised(values["problem"])
            return Message(template, **values)
    return text


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (t, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*?)", re.escape(t)), re.DOTALL)) for t in _TEMPLATES
    ]
