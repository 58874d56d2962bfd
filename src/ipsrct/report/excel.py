"""The report's tables as an Excel workbook: a sheet for each, numbers as numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ipsrct._language import NO_VALUE, Language
from ipsrct.report.archive import rewritten
from ipsrct.report.columns import Cell, Column, columns, exact
from ipsrct.report.layout import RESTRICTED, TAGS, labels, shown, tables
from ipsrct.report.model import Paragraph, Report, Table, flat
from ipsrct.report.text import Item, Month, Number, t

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_LONGEST_NAME = 31  # Excel's limit
_WIDEST, _NARROWEST = 55, 9  # of a column, in characters
_A4 = 9
_MONTH = {"en": "[$-809]mmmm yyyy", "nb": "[$-414]mmmm yyyy"}
_HEADING_ROW = 2  # below the caption and the way back


def excel(report: Report, language: Language) -> bytes:
    """Return the report's answer and all its tables as a workbook, the same bytes every time."""
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        _Book(book, report, language).write()
    tag = f"<dc:language>{TAGS[language.code]}</dc:language></cp:coreProperties>".encode()
    return rewritten(
        file.getvalue(), {"docProps/core.xml": lambda xml: xml.replace(b"</cp:coreProperties>", tag)}
    )


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Return names that Excel takes: at most 31 characters, and no two alike but for capitals."""
    given: list[str] = []
    for name in wanted:
        k, candidate = 1, name[:_LONGEST_NAME]
        while candidate.lower() in {"history", *(other.lower() for other in given)}:
            k += 1
            candidate = f"{name[: _LONGEST_NAME - len(f'-{k}')]}-{k}"
        given.append(candidate)
    return given


class _Full(float):
    """A number that is written with all 17 digits, where XlsxWriter asks for 16."""

    def __format__(self, _: str) -> str:
        return repr(float(self))


class _Book:
    """A workbook while it is written."""

    def __init__(self, book: Workbook, report: Report, language: Language) -> None:
        self.book, self.report, self.language = book, report, language
        self.labels = labels(report, language)
        self.formats: dict[str, Format] = {}
        self.tables = tables(report)
        self.names = sheet_names([self.say(t("The answer")), *(table.id for table in self.tables)])

    def say(self, item: Item) -> str:
        return shown(item, self.report, self.language)

    def style(self, **properties: Any) -> Format:
        """Return a format, the same for the same properties."""
        name = repr(sorted(properties.items()))
        if name not in self.formats:
            basic = {"valign": "top", "font_name": "Arial", "font_size": 10}
            self.formats[name] = self.book.add_format(basic | properties)
        return self.formats[name]

    def write(self) -> None:
        """Write every sheet."""
        title, subtitle = self.say(self.report.title), self.say(self.report.subtitle)
        created = datetime.fromisoformat(self.report.date)
        self.book.set_properties({"title": title, "subject": subtitle, "created": created})
        self.first_sheet(title, subtitle)
        for table, name in zip(self.tables, self.names[1:], strict=True):
            self.table_sheet(self.sheet(name), table)

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet that prints on A4, a page wide."""
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        return sheet

    def first_sheet(self, title: str, subtitle: str) -> None:
        """Write the answer, and where everything stands."""
        sheet = self.sheet(self.names[0])
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 100)
        lines: list[tuple[str, dict[str, Any]]] = [
            (title, {"bold": True, "font_size": 16}),
            (subtitle, {"font_color": "#00538A"}),
        ]
        lines.append((self.language.date(self.report.date), {"font_color": "#4D555E"}))
        if self.report.edition == "restricted":
            lines.insert(0, (self.say(RESTRICTED), {"bold": True, "font_color": "#9C3600"}))
        for row, (text, look) in enumerate(lines):
            sheet.write_string(row, 0, text, self.style(**look))
        row = len(lines) + 1
        for text in self.answers():
            height = 15 * (1 + len(text) // 95)
            sheet.set_row(row, height)
            sheet.merge_range(row, 0, row, 1, text, self.style(text_wrap=True, font_size=12))
            row += 1
        sheet.write_string(row + 1, 0, self.say(t("Tables")), self.style(bold=True, font_size=12))
        for place, (table, name) in enumerate(zip(self.tables, self.names[1:], strict=True), row + 2):
            link = self.style(font_color="#00538A", underline=1)
            sheet.write_url(place, 0, f"internal:'{name}'!A1", link, self.labels[table.id])
            sheet.write_string(place, 1, self.say(table.caption), self.style(text_wrap=True))

    def answers(self) -> list[str]:
        """Return the paragraphs that answer."""
        blocks = [block for section in flat(self.report.sections) for block in section.blocks]
        return [self.say(b.text) for b in blocks if isinstance(b, Paragraph) and b.role == "answer"]

    def table_sheet(self, sheet: Worksheet, table: Table) -> None:
        """Write a table with its caption, its note and the way back."""
        caption = f"{self.labels[table.id]}. {self.say(table.caption)}"
        sheet.write_string(0, 0, caption, self.style(bold=True, font_size=12))
        back = self.style(font_color="#00538A", underline=1)
        sheet.write_url(1, 0, f"internal:'{self.names[0]}'!A1", back, self.say(t("To the list of tables")))
        for place, column in enumerate(columns(table, self.report, self.language)):
            self.column(sheet, place, column)
        sheet.freeze_panes(_HEADING_ROW + 1, 1)
        sheet.repeat_rows(_HEADING_ROW)
        sheet.set_landscape()
        if table.note:
            sheet.write_string(_HEADING_ROW + len(table.rows) + 2, 0, self.say(table.note), self.style())

    def column(self, sheet: Worksheet, place: int, column: Column) -> None:
        """Write a column, as wide as what it holds."""
        numbers = any(isinstance(cell, Number) for cell in column.cells)
        heading = self.style(
            bold=True, text_wrap=True, bottom=2, bg_color="#F3F5F7", align="right" if numbers else "left"
        )
        sheet.write_string(_HEADING_ROW, place, column.heading, heading)
        widths = [max(map(len, column.heading.split()), default=0)]
        for row, cell in enumerate(column.cells, _HEADING_ROW + 1):
            self.cell(sheet, row, place, cell)
            widths.append(self.width(cell))
        sheet.set_column(place, place, min(max(*widths, _NARROWEST), _WIDEST) + 2)

    def width(self, cell: Cell) -> int:
        """Return how many characters a cell shows."""
        if isinstance(cell, Number):
            return len(cell.show(self.language))
        return len(self.language.month(cell.value) if isinstance(cell, Month) else cell or "")

    def cell(self, sheet: Worksheet, row: int, place: int, cell: Cell) -> None:
        """Write a number with the format that shows what the report shows, or a month, or text."""
        if isinstance(cell, Number):
            value = exact(cell)
            if value is None:
                sheet.write_string(row, place, NO_VALUE, self.style(align="right"))
            else:
                decimals = "." + "0" * cell.digits if cell.digits else ""
                pattern = f"0{decimals}%" if cell.percent else f"#,##0{decimals}"
                sheet.write_number(row, place, _Full(value), self.style(num_format=pattern))
        elif isinstance(cell, Month):
            first = date.fromisoformat(f"{cell.value}-01")
            pattern = _MONTH[self.language.code]
            sheet.write_datetime(row, place, first, self.style(num_format=pattern, align="left"))
        elif cell:
            sheet.write_string(row, place, cell, self.style(text_wrap=True))
