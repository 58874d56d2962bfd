"""From scenarios to the files of a report: everything is made in memory before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from pathlib import Path

from ipsrct._files import check_new_folder, write_folder
from ipsrct._language import Code, language
from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.findings import Findings, find
from ipsrct.findings.comparison import compare
from ipsrct.report.annex import restricted_report
from ipsrct.report.build import comparison_report, open_report
from ipsrct.report.formats import FORMATS, written
from ipsrct.report.model import Report
from ipsrct.scenario import Scenario

Progress = Callable[[int, int], None]


def write_report(
    scenarios: Scenario | Sequence[Scenario],
    out: str | Path,
    *,
    languages: Sequence[Code] = ("en",),
    formats: Sequence[str] = ("html",),
    annex: str | Path | None = None,
    template: bytes | None = None,
    command: str = "",
    jobs: int = 1,
    on_progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Compute and write the report of a scenario, or of two to four side by side.

    Parameters
    ----------
    scenarios : Scenario or sequence of Scenario
    out : path
        A new folder, or an empty one. It appears only when everything is made.
    languages : sequence of {"en", "nb"}
    formats : sequence of {"html", "docx", "xlsx", "csv"}
    annex : path, optional
        A new folder, apart from ``out``, for the restricted annex of a single scenario.
    template : bytes, optional
        A Word document that lends its styles.
    command : str
        What makes the report again, to be shown in it.
    jobs : int
        Processes; cannot change a number.
    on_progress : callable, optional
        Called with the steps done and wanted: parts computed, then documents made.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    NotAvailableError
        If a folder holds anything, or the annex is not apart; if a scenario has a grid, or scenarios cannot
        be compared.
    RunError
        If a folder cannot be written.
    ValueError
        If a format is not one of these.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise ValueError(f"formats are {', '.join(FORMATS)}, got {unknown[0]}")
    chosen = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    folders = [Path(folder) for folder in (out, annex) if folder is not None]
    check_folders(folders)
    if len(chosen) > 1 and annex is not None:
        raise NotAvailableError(Message("a comparison has no restricted annex: make one for each scenario"))
    steps = _Steps(on_progress, len(folders) * len(languages) * len(formats))
    single = len(chosen) == 1
    found = (
        find(chosen[0], jobs=jobs, on_progress=steps.computed)
        if single
        else compare(chosen, jobs=jobs, on_progress=steps.computed)
    ).made_by(command)
    made: dict[Path, dict[str, bytes]] = {}
    for folder, (document, results, name) in zip(folders, _editions(found, single=single), strict=False):
        made[folder] = {name: results.to_json().encode()}
        for code, kind in product(dict.fromkeys(languages), formats):
            made[folder] |= written(document, language(code), kind, template)
            steps.document()
    for folder, files in made.items():
        write_folder(folder, files)
    return tuple(folder / name for folder, files in made.items() for name in files)


def check_folders(folders: Sequence[Path]) -> None:
    """Refuse folders that cannot be made or hold anything, or that are not apart.

    Raises
    ------
    NotAvailableError
        If one must not be used.
    """
    for first, second in combinations([folder.resolve() for folder in folders], 2):
        if first.is_relative_to(second) or second.is_relative_to(first):
            raise NotAvailableError(
                Message("{second}: must be apart from {first}", first=first, second=second)
            )
    for folder in folders:
        check_new_folder(folder)


class _Steps:
    """Tells of parts computed, then of documents made, as one course."""

    def __init__(self, on_progress: Progress | None, n_documents: int) -> None:
        self._tell = on_progress or (lambda _, __: None)
        self._n_parts, self._made, self._n_documents = 0, 0, n_documents

    def computed(self, done: int, wanted: int) -> None:
        self._n_parts = wanted
        self._tell(done, wanted + self._n_documents)

    def document(self) -> None:
        self._made += 1
        self._tell(self._n_parts + self._made, self._n_parts + self._n_documents)


def _editions(found: Findings, *, single: bool) -> Iterator[tuple[Report, Findings, str]]:
    """Yield the open edition, then the restricted one, each with its results and their file's name."""
    document = open_report(found) if single else comparison_report(found)
    yield document, found.open_edition(), "results.json"
    if single:
        yield restricted_report(found), found, "results_restricted.json"
