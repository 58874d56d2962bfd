"""How wide a table's columns are, from how long their texts are."""

from __future__ import annotations

import math
from collections.abc import Sequence

_PADDING = 7.6  # points: a cell's two margins and what rounding needs
_POINT_SIZE = 8.5  # of a table's text
_BOLD = 1.09  # how much wider headings run
_WIDEST = 1.6  # what a table that needs little is stretched by, at most
# Parts of the type's size, of Arial and what stands in for it.
_CLASSES = {"iljtfrI.,:;'|()[]! -/": 0.31, "mwMW%": 0.86, "ABCDEFGHJKLNOPQRSTUVXYZÆØÅ": 0.7}
_CHARACTERS = {character: part for characters, part in _CLASSES.items() for character in characters}
_OTHER = 0.56


def column_widths(texts: Sequence[Sequence[str]], available: float) -> tuple[list[float], bool]:
    """Return the columns' widths, and whether no word needs to be broken.

    Parameters
    ----------
    texts : sequence of sequences of str
        The texts of each column, its heading first; what must stay on one line has no-break spaces.
    available : float
        The page's width between the margins, in points.

    Returns
    -------
    list of float
        Points. Each column gets what its longest word needs, and what is left goes where texts are long.
    bool
    """
    least = [_PADDING + max(_widths(column, words=True)) for column in texts]
    wanted = [_PADDING + max(_widths(column, words=False)) for column in texts]
    if sum(wanted) <= available:
        return [width * min(available / sum(wanted), _WIDEST) for width in wanted], True
    spare = available - sum(least)
    if spare < 0:
        return [width * available / sum(least) for width in least], False
    more = [(want - need) ** 0.5 for want, need in zip(wanted, least, strict=True)]
    return [need + spare * part / sum(more) for need, part in zip(least, more, strict=True)], True


def lines(texts: Sequence[Sequence[str]], widths: Sequence[float]) -> int:
    """Return about how many lines a table runs to with columns of these widths."""
    found = [
        [math.ceil(wide / (width - _PADDING + 0.01)) for wide in _widths(column, words=False)]
        for column, width in zip(texts, widths, strict=True)
    ]
    return sum(max(row) for row in zip(*found, strict=True))


def _widths(column: Sequence[str], *, words: bool) -> list[float]:
    """Return how wide each text is, or its widest word."""
    found = []
    for i, text in enumerate(column):
        parts = [_POINT_SIZE * sum(_CHARACTERS.get(character, _OTHER) for character in part)
                 for part in (text.split(" ") if words else [text])]  # fmt: skip
        found.append(max(parts) * (_BOLD if i == 0 else 1))
    return found
