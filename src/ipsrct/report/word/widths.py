"""How wide a table's columns are, from how long its texts are."""

from __future__ import annotations

from collections.abc import Sequence

CHARACTER = 4.5
"""Points that a character of a table takes, on average, in nine-point type."""
_PADDING = 8.0


def column_widths(texts: Sequence[Sequence[str]], available: float) -> tuple[list[float], bool]:
    """Return the columns' widths, and whether no word needs to be broken.

    Parameters
    ----------
    texts : sequence of sequences of str
        The texts of each column, its heading first.
    available : float
        The page's width between the margins, in points.

    Returns
    -------
    list of float
        Points. Each column gets what its longest word needs, and what is left goes where texts are long.
    bool
    """
    least = [_PADDING + CHARACTER * max((len(w) for text in column for w in text.split(" ")), default=1)
             for column in texts]  # fmt: skip
    wanted = [max(need, _PADDING + CHARACTER * max(map(len, column), default=1))
              for need, column in zip(least, texts, strict=True)]  # fmt: skip
    if sum(wanted) <= available:
        return [width * min(available / sum(wanted), 1.6) for width in wanted], True
    spare = available - sum(least)
    if spare < 0:
        return [width * available / sum(least) for width in least], False
    more = [(want - need) ** 0.5 for want, need in zip(wanted, least, strict=True)]
    return [need + spare * part / sum(more) for need, part in zip(least, more, strict=True)], True
