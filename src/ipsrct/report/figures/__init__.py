"""The figures: ``NAME.py`` draws what a figure of that name holds, in a language, and computes nothing."""

from ipsrct.report.figures.choice import NEEDS, USES, made
from ipsrct.report.figures.render import image, svg

__all__ = ["NEEDS", "USES", "image", "made", "svg"]
