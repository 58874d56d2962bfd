"""Intervals of a risk difference against published limits, statsmodels and direct inversion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.special import xlog1py, xlogy

from ipsrct.proportions import DIFFERENCE_METHODS, binomial_probabilities, difference_interval

SCORE = {"mee": False, "miettinen_nurminen": True}
METHODS = sorted(DIFFERENCE_METHODS)


def _limits(interval):
    return [float(interval.low), float(interval.high)]


# Newcombe 1998, Statistics in Medicine 17:873-890, table II, rows 10, 11, 5 and 6 of its methods;
# statsmodels up to 0.15.0 gives 0.3440 as the upper limit of Miettinen and Nurminen for the first data.
PUBLISHED = [
    ("newcombe", (56, 70, 48, 80), (0.0524, 0.3339)),
    ("newcombe_continuity_corrected", (56, 70, 48, 80), (0.0428, 0.3422)),
    ("mee", (56, 70, 48, 80), (0.0533, 0.3377)),
    ("miettinen_nurminen", (56, 70, 48, 80), (0.0528, 0.3382)),
    ("wald", (56, 70, 48, 80), (0.0575, 0.3425)),
    ("wald_continuity_corrected", (56, 70, 48, 80), (0.0441, 0.3559)),
    ("newcombe", (9, 10, 3, 10), (0.1705, 0.8090)),
    ("mee", (9, 10, 3, 10), (0.1821, 0.8370)),
    ("miettinen_nurminen", (9, 10, 3, 10), (0.1700, 0.8406)),
]


@pytest.mark.parametrize(("method", "data", "limits"), PUBLISHED)
def test_published_limits(method, data, limits):
    assert _limits(difference_interval(*data, method=method)) == pytest.approx(limits, abs=6e-5)


@pytest.mark.parametrize(
    ("method", "theirs"), [("newcombe", "newcomb"), ("wald", "wald"), ("agresti_caffo", "agresti-caffo")]
)
@pytest.mark.parametrize("data", [(56, 70, 48, 80), (3, 40, 9, 25), (7.35, 21, 6.3, 42)])
def test_statsmodels_limits(method, theirs, data):
    from statsmodels.stats.proportion import confint_proportions_2indep

    expected = confint_proportions_2indep(*data, method=theirs, compare="diff", alpha=0.1)
    assert _limits(difference_interval(*data, method=method, confidence=0.9)) == pytest.approx(
        expected, abs=1e-12
    )


def _direct_score(x, n, y, m, difference, unbiased):
    """Score statistic with the restricted estimate from a direct maximisation of the likelihood."""

    def loss(q):
        p = min(max(q + difference, 0.0), 1.0)
        return -(xlogy(x, p) + xlog1py(n - x, -p) + xlogy(y, q) + xlog1py(m - y, -q))

    bounds = max(0.0, -difference), min(1.0, 1 - difference)
    q = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
    p = q + difference
    variance = (p * (1 - p) / n + q * (1 - q) / m) * ((n + m) / (n + m - 1) if unbiased else 1)
    return (x / n - y / m - difference) / np.sqrt(variance)


@pytest.mark.parametrize("method", SCORE)
@pytest.mark.parametrize(
    "data", [(56, 70, 48, 80), (3, 40, 9, 25), (0, 15, 4, 30), (12, 12, 20, 31), (1, 8, 0, 90)]
)
def test_score_limits_by_direct_inversion(method, data):
    interval = difference_interval(*data, method=method)
    estimate = float(interval.estimate)
    unbiased = SCORE[method]
    low = brentq(lambda d: _direct_score(*data, d, unbiased) - 1.959963984540054, -1 + 1e-6, estimate - 1e-9)
    high = brentq(lambda d: _direct_score(*data, d, unbiased) + 1.959963984540054, estimate + 1e-9, 1 - 1e-6)
    # The oracle's maximiser finds its point to some 1e-7 only.
    assert _limits(interval) == pytest.approx([low, high], abs=2e-7)


def test_no_events_in_either_arm():
    # Miettinen and Nurminen 1985, example 4: 0/10 and 0/20; as computed by gsDesign's ciBinomial.
    low, high = _limits(difference_interval(0, 10, 0, 20, method="miettinen_nurminen"))
    assert (low, high) == pytest.approx((-0.1658, 0.28436), abs=2e-4)


@pytest.mark.parametrize("method", SCORE)
def test_extreme_tables_reach_the_end_of_the_scale(method):
    assert _limits(difference_interval(10, 10, 0, 20, method=method))[1] == 1
    assert _limits(difference_interval(0, 10, 20, 20, method=method))[0] == -1
    low, high = _limits(difference_interval(10, 10, 0, 20, method=method))
    assert 0.6 < low < 0.8
    assert high == 1


def test_one_sided_limits_are_those_of_a_wider_confidence():
    for method in METHODS:
        one = difference_interval(30, 70, 41, 60, method=method, confidence=0.95, sides=1)
        two = difference_interval(30, 70, 41, 60, method=method, confidence=0.90)
        assert _limits(one) == pytest.approx(_limits(two), abs=1e-12)


def test_arrays_give_what_scalars_give():
    events = np.array([0, 3, 20])
    for method in METHODS:
        together = difference_interval(events, 20, [[5], [29]], 30, method=method)
        assert together.low.shape == together.high.shape == (2, 3)
        for i, y in enumerate((5, 29)):
            for j, x in enumerate(events):
                single = difference_interval(x, 20, y, 30, method=method)
                assert (together.low[i, j], together.high[i, j]) == pytest.approx(_limits(single), abs=1e-14)


@pytest.mark.parametrize(
    ("method", "mean_low", "mean_high", "smallest"),
    [
        # Mean and minimum over the true risks below; Newcombe 1998 finds mean coverages of 0.954 (method 10),
        # 0.952 (Mee) and 0.881 (Wald) over smaller arms.
        ("agresti_caffo", 0.945, 0.965, 0.93),
        ("mee", 0.945, 0.957, 0.92),
        ("miettinen_nurminen", 0.947, 0.960, 0.92),
        ("newcombe", 0.945, 0.965, 0.92),
        ("newcombe_continuity_corrected", 0.965, 0.99, 0.95),
        ("wald", 0.90, 0.945, 0.5),
    ],
)
def test_exact_coverage(method, mean_low, mean_high, smallest):
    n, m = 30, 45
    x, y = np.meshgrid(np.arange(n + 1), np.arange(m + 1), indexing="ij")
    interval = difference_interval(x, n, y, m, method=method)
    coverages = []
    for p in np.linspace(0.06, 0.94, 12):
        for q in np.linspace(0.05, 0.95, 11):
            covered = (interval.low <= p - q) & (p - q <= interval.high)
            coverages.append(binomial_probabilities(n, p) @ covered @ binomial_probabilities(m, q))
    assert mean_low < np.mean(coverages) < mean_high
    assert min(coverages) > smallest


whole_tables = st.tuples(st.integers(1, 60), st.integers(1, 90)).flatmap(
    lambda sizes: st.tuples(
        st.integers(0, sizes[0]), st.just(sizes[0]), st.integers(0, sizes[1]), st.just(sizes[1])
    )
)


tables = whole_tables.flatmap(
    # Eighths of an event; the corrected Wilson limits jump, as they should, between no event and almost none.
    lambda table: st.tuples(
        st.integers(0, 8 * table[1]).map(lambda x: x / 8),
        st.just(table[1]),
        st.just(table[2]),
        st.just(table[3]),
    )
)


@given(st.one_of(tables, whole_tables), st.sampled_from(METHODS), st.sampled_from([0.8, 0.95, 0.999]))
def test_every_interval_is_in_range_and_mirrors_when_the_arms_are_swapped(table, method, confidence):
    x, n, y, m = table
    interval = difference_interval(x, n, y, m, method=method, confidence=confidence)
    low, high = _limits(interval)
    assert -1 <= low <= high <= 1
    if method != "agresti_caffo":  # its centre is moved towards zero
        assert low - 1e-12 <= float(interval.estimate) <= high + 1e-12
    swapped = difference_interval(y, m, x, n, method=method, confidence=confidence)
    assert _limits(swapped) == pytest.approx([-high, -low], abs=1e-6)
    failures = difference_interval(n - x, n, m - y, m, method=method, confidence=confidence)
    assert _limits(failures) == pytest.approx([-high, -low], abs=1e-6)


@given(whole_tables, st.sampled_from(METHODS))
def test_more_confidence_is_never_narrower(table, method):
    narrow = difference_interval(*table, method=method, confidence=0.8)
    wide = difference_interval(*table, method=method, confidence=0.99)
    assert float(wide.low) <= float(narrow.low) + 1e-12
    assert float(wide.high) >= float(narrow.high) - 1e-12
