"""Published reference values that nobody in this project computed, and the comparison with them."""

from ipsrct.validation.cases import Case, read_cases
from ipsrct.validation.run import KINDS, CaseResult, run_cases

__all__ = ["KINDS", "Case", "CaseResult", "read_cases", "run_cases"]
