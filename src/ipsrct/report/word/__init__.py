"""The report as a Word document, with a directorate's own styles where it has them."""

from ipsrct.report.word.template import read_template
from ipsrct.report.word.writer import word

__all__ = ["read_template", "word"]
