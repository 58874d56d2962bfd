"""The named parameters of the employment chain, with their priors.

A prior is a ridge penalty ``((value - centre) / spread)**2`` that keeps what the published moments do not
identify near a plausible value; it carries no published information. All are on the logit scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ipsrct.register.design import Floats


@dataclass(frozen=True)
class Parameter:
    """One number of the chain.

    Attributes
    ----------
    name : str
        Its key in files.
    centre, spread : float
        Centre and standard deviation of the prior.
    meaning : str
        What it does, in words.
    """

    name: str
    centre: float
    spread: float
    meaning: str


PARAMETERS = (
    Parameter("entry_under_20", -2.9, 1.0, "job entry at relative month -20, under 20"),
    Parameter("entry_20_23", -3.5, 1.0, "job entry at relative month -20, 20-23"),
    Parameter("entry_24_plus", -3.6, 1.0, "job entry at relative month -20, 24 or older"),
    Parameter("entry_woman", 0.0, 0.3, "entry, women"),
    Parameter("entry_social_assistance", 0.0, 0.5, "entry, social assistance before start"),
    Parameter("entry_dip_older", 0.0, 0.5, "entry, ramp from month -20 to start, 20 or older"),
    Parameter("entry_settling", 0.0, 0.15, "entry, rising over the last five months before start, all ages"),
    Parameter("entry_covid", -0.2, 0.3, "entry, January to May 2021"),
    Parameter("effect_months_0_2", 0.0, 0.5, "treatment on entry, months 0-2"),
    Parameter("effect_months_3_5", 0.5, 1.0, "treatment on entry, months 3-5"),
    Parameter("effect_months_6_8", 0.5, 1.0, "treatment on entry, months 6-8"),
    Parameter("effect_months_9_on", 0.5, 1.0, "treatment on entry, months 9 and later"),
    Parameter("effect_under_20", 0.0, 0.8, "treatment on entry from month 3, under 20"),
    Parameter("effect_24_plus", 0.0, 0.5, "treatment on entry from month 3, 24 or older"),
    Parameter("effect_woman", 0.0, 0.5, "treatment on entry from month 3, women"),
    Parameter("effect_social_assistance", 0.0, 0.5, "treatment on entry from month 3, social assistance"),
    Parameter(
        "effect_social_assistance_late", 0.0, 0.7, "treatment on entry from month 9, social assistance"
    ),
    Parameter("effect_after_ips", 0.7, 0.2, "factor on the treatment effect after IPS has ended"),
    Parameter("exit_under_20", -1.9, 0.7, "job exit, under 20"),
    Parameter("exit_20_23", -3.0, 0.7, "job exit, 20-23"),
    Parameter("exit_24_plus", -3.2, 0.7, "job exit, 24 or older"),
    Parameter("exit_social_assistance", 0.0, 0.3, "exit, social assistance before start"),
    Parameter("exit_dip", 0.0, 0.25, "exit, ramp from month -20 to start, 20 or older"),
    Parameter("exit_effect_late", 0.0, 0.3, "treatment on exit from month 9"),
    Parameter("initial_under_20", -2.5, 1.0, "employed in January 2021, under 20"),
    Parameter("initial_older", -0.1, 0.7, "employed in January 2021, 20 or older"),
    Parameter(
        "initial_start_older",
        0.0,
        0.5,
        "employed in January 2021, per 10 months of earlier start, 20 or older",
    ),
    Parameter("hours_low", -1.5, 0.7, "1-4 hours against more than 10, on entry"),
    Parameter("hours_middle", -1.5, 0.7, "4-10 hours against more than 10, on entry"),
    Parameter("hours_up", -2.8, 0.7, "monthly rise of hours"),
    Parameter("hours_up_effect", 1.0, 1.0, "treatment on the rise of hours, growing over nine months"),
    Parameter("hours_up_woman", 0.0, 0.7, "the same, women"),
    Parameter("hours_down", -3.9, 0.7, "monthly fall of hours"),
    Parameter("end_level", -2.9, 0.7, "end of IPS at month 8, under 20"),
    Parameter("end_duration", 0.0, 0.5, "end of IPS, per 8 months in IPS"),
    Parameter("end_20_23", 0.0, 0.5, "end of IPS, 20-23"),
    Parameter("end_24_plus", 0.0, 0.5, "end of IPS, 24 or older"),
    Parameter("end_social_assistance", 0.0, 0.3, "end of IPS, social assistance before start"),
    Parameter("end_employed", 0.0, 0.25, "end of IPS, employed"),
    Parameter("start_tilt_under_20", 0.0, 0.5, "lateness of starts under 20, see design.make_design"),
)
NAMES = tuple(parameter.name for parameter in PARAMETERS)


def to_mapping(vector: Floats) -> dict[str, float]:
    """Return the parameters by name."""
    return dict(zip(NAMES, vector.tolist(), strict=True))


def to_vector(values: Mapping[str, float]) -> Floats:
    """Return the parameters in the order of ``PARAMETERS``; every name must be present and no other."""
    if set(values) != set(NAMES):
        wrong = sorted(set(values) ^ set(NAMES))
        raise ValueError(f"parameters: missing or unknown names: {', '.join(wrong)}")
    return np.array([values[name] for name in NAMES])
