"""Design and simulate the randomised trial of IPS ung.

>>> import ipsrct
>>> scenario = ipsrct.read_scenario("ips_ung")
>>> ipsrct.simulate(scenario).table()  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ipsrct._version import __version__

if TYPE_CHECKING:
    from ipsrct import evidence
    from ipsrct._assurance import AssuranceRun, assurance
    from ipsrct._frontier import Frontier, frontier
    from ipsrct._levers import LeversRun, levers
    from ipsrct._reading import packaged_scenarios, read_scenario
    from ipsrct._search import Answer
    from ipsrct._sensitivity import SensitivityRun, sensitivity
    from ipsrct.characteristics import Characteristic, SimulationRun, simulate
    from ipsrct.comparison import SchemeComparison, compare_schemes
    from ipsrct.curves import Curve, power_curve
    from ipsrct.detectable import DetectableRun, minimum_detectable_effect
    from ipsrct.diagnostics import Diagnostics, diagnose
    from ipsrct.errors import EvidenceError, IpsrctError, NotAvailableError, RunError, ScenarioError
    from ipsrct.predictability import AllocationProperties, allocation_properties
    from ipsrct.recruiting import RecruitmentRun, recruit
    from ipsrct.report.writing import write_report
    from ipsrct.scenario import Scenario
    from ipsrct.sequences import AllocationSequences, allocation_sequences
    from ipsrct.sizing import SizingRun, size
    from ipsrct.verification import Verification, verify

_WHERE = {
    "AllocationProperties": "predictability",
    "AllocationSequences": "sequences",
    "Answer": "_search",
    "AssuranceRun": "_assurance",
    "Characteristic": "characteristics",
    "Curve": "curves",
    "DetectableRun": "detectable",
    "Diagnostics": "diagnostics",
    "EvidenceError": "errors",
    "Frontier": "_frontier",
    "IpsrctError": "errors",
    "LeversRun": "_levers",
    "NotAvailableError": "errors",
    "RecruitmentRun": "recruiting",
    "RunError": "errors",
    "Scenario": "scenario",
    "ScenarioError": "errors",
    "SchemeComparison": "comparison",
    "SensitivityRun": "_sensitivity",
    "SimulationRun": "characteristics",
    "SizingRun": "sizing",
    "Verification": "verification",
    "assurance": "_assurance",
    "compare_schemes": "comparison",
    "diagnose": "diagnostics",
    "frontier": "_frontier",
    "levers": "_levers",
    "minimum_detectable_effect": "detectable",
    "allocation_properties": "predictability",
    "allocation_sequences": "sequences",
    "packaged_scenarios": "_reading",
    "power_curve": "curves",
    "read_scenario": "_reading",
    "recruit": "recruiting",
    "sensitivity": "_sensitivity",
    "simulate": "characteristics",
    "size": "sizing",
    "verify": "verification",
    "write_report": "report.writing",
}

__all__ = [
    "AllocationProperties",
    "AllocationSequences",
    "Answer",
    "AssuranceRun",
    "Characteristic",
    "Curve",
    "DetectableRun",
    "Diagnostics",
    "EvidenceError",
    "Frontier",
    "IpsrctError",
    "LeversRun",
    "NotAvailableError",
    "RecruitmentRun",
    "RunError",
    "Scenario",
    "ScenarioError",
    "SchemeComparison",
    "SensitivityRun",
    "SimulationRun",
    "SizingRun",
    "Verification",
    "__version__",
    "allocation_properties",
    "allocation_sequences",
    "assurance",
    "compare_schemes",
    "diagnose",
    "evidence",
    "frontier",
    "levers",
    "minimum_detectable_effect",
    "packaged_scenarios",
    "power_curve",
    "read_scenario",
    "recruit",
    "sensitivity",
    "simulate",
    "size",
    "verify",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the command line starts fast."""
    if name == "evidence":
        return import_module("ipsrct.evidence")
    if name not in _WHERE:
        raise AttributeError(f"module 'ipsrct' has no attribute {name!r}")
    found = getattr(import_module(f"ipsrct.{_WHERE[name]}"), name)
    globals()[name] = found
    return found
