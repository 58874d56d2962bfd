"""The formats that a report is written in."""

from __future__ import annotations

from collections.abc import Callable

from ipsrct._language import Language
from ipsrct.report.model import Report

Files = dict[str, bytes]
"""Files by what follows the report's name: ``.html``, or ``_csv/comma/counties.csv``."""
Writer = Callable[[Report, Language, bytes | None], Files]


# Each writer imports its own libraries, so that only those of the formats asked for are loaded.
def _html(report: Report, language: Language, _: bytes | None) -> Files:
    from ipsrct.report.html import html

    return {".html": html(report, language)}


def _word(report: Report, language: Language, template: bytes | None) -> Files:
    from ipsrct.report.word import word

    return {".docx": word(report, language, template)}


def _excel(report: Report, language: Language, _: bytes | None) -> Files:
    from ipsrct.report.excel import excel

    return {".xlsx": excel(report, language)}


def _delimited(report: Report, language: Language, _: bytes | None) -> Files:
    from ipsrct.report.delimited import delimited

    return {f"_csv/{name}": data for name, data in delimited(report, language).items()}


FORMATS: dict[str, Writer] = {"html": _html, "docx": _word, "xlsx": _excel, "csv": _delimited}


def written(report: Report, language: Language, name: str, template: bytes | None = None) -> Files:
    """Return the files of a report in a language and a format.

    Parameters
    ----------
    report : Report
    language : Language
    name : str
        One of :data:`FORMATS`.
    template : bytes, optional
        A Word document that lends its styles; only for ``docx``.

    Returns
    -------
    dict of str to bytes
        By their paths, which begin with the report's name and the language.
    """
    stem = f"{report.name}_{language.code}"
    return {stem + rest: data for rest, data in FORMATS[name](report, language, template).items()}
