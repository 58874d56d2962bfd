"""Power, sample size and intervals for two proportions: pure functions on arrays, the treatment arm first."""

from ipsrct.proportions.beta_binomial import beta_binomial_assurance
from ipsrct.proportions.fisher import binomial_probabilities, fisher_power, fisher_rejection_region
from ipsrct.proportions.intervals import DIFFERENCE_METHODS, Interval, difference_interval
from ipsrct.proportions.power import equivalence_power, likelihood_ratio_power, standard_errors, z_test_power
from ipsrct.proportions.ratio_intervals import RATIO_METHODS, ratio_interval
from ipsrct.proportions.ratio_scales import (
    odds_ratio_equivalence_sample_size,
    odds_ratio_sample_size,
    risk_ratio_sample_size,
)
from ipsrct.proportions.related import design_effect, mcnemar_sample_size, normal_assurance
from ipsrct.proportions.sample_size import (
    SampleSize,
    equivalence_sample_size,
    likelihood_ratio_sample_size,
    smallest_z_test_sample_size,
    z_test_sample_size,
)

__all__ = [
    "DIFFERENCE_METHODS",
    "RATIO_METHODS",
    "Interval",
    "SampleSize",
    "beta_binomial_assurance",
    "binomial_probabilities",
    "design_effect",
    "difference_interval",
    "equivalence_power",
    "equivalence_sample_size",
    "fisher_power",
    "fisher_rejection_region",
    "likelihood_ratio_power",
    "likelihood_ratio_sample_size",
    "mcnemar_sample_size",
    "normal_assurance",
    "odds_ratio_equivalence_sample_size",
    "odds_ratio_sample_size",
    "ratio_interval",
    "risk_ratio_sample_size",
    "smallest_z_test_sample_size",
    "standard_errors",
    "z_test_power",
    "z_test_sample_size",
]
