"""What a user would run instead of ipsrct: each peer is a plain function that does some replicates.

No peer imports ipsrct. A peer of J1 returns the estimated power; a peer of J2 returns every estimate.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from statsmodels.stats.proportion import proportions_ztest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CHUNK = 4096
CRITICAL = 1.959963984540054
N_PER_ARM, TREATED_RISK, CONTROL_RISK = 500, 0.464, 0.4

# J2: ages under 20, 20-23 and 24+; men and women; no history and a history of social assistance.
N_PARTICIPANTS = 1300
RISKS = (0.395, 0.47)
AGE, SEX, ASSISTANCE = (np.array(level) for level in zip(*np.ndindex(3, 2, 2), strict=True))
SHARES = np.einsum(
    "a,s,h->ash",
    np.array([284, 510, 526]) / 1320,
    np.array([624, 696]) / 1320,
    np.array([977, 331]) / 1308,
).reshape(-1)
SUBGROUPS = [(AGE, 0), (AGE, 1), (AGE, 2), (SEX, 0), (SEX, 1), (ASSISTANCE, 0), (ASSISTANCE, 1)]
# Factor, level, reference level.
INTERACTIONS = [(AGE, 2, 0), (SEX, 1, 0), (ASSISTANCE, 1, 0)]


def difference(x1: Any, x0: Any, n: int = N_PER_ARM) -> tuple[Any, Any]:
    """Return the difference of two proportions and its standard error."""
    p1, p0 = x1 / n, x0 / n
    return p1 - p0, np.sqrt((p1 * (1 - p1) + p0 * (1 - p0)) / n)


def numpy_binomial(n_replicates: int, seed: int) -> float:
    """J1 in bare numpy: two draws and the formula, in chunks that stay in the cache."""
    rng, rejected = np.random.default_rng(seed), 0
    for start in range(0, n_replicates, CHUNK):
        size = min(CHUNK, n_replicates - start)
        x1 = rng.binomial(N_PER_ARM, TREATED_RISK, size)
        x0 = rng.binomial(N_PER_ARM, CONTROL_RISK, size)
        estimate, standard_error = difference(x1, x0)
        rejected += np.count_nonzero(np.abs(estimate) > CRITICAL * standard_error)
    return rejected / n_replicates


def statsmodels_ztest(n_replicates: int, seed: int) -> float:
    """J1 as a loop over ``proportions_ztest``."""
    rng, rejected, n = np.random.default_rng(seed), 0, np.array([N_PER_ARM, N_PER_ARM])
    for _ in range(n_replicates):
        _, p_value = proportions_ztest(rng.binomial(n, (TREATED_RISK, CONTROL_RISK)), n)
        rejected += p_value < 0.05
    return float(rejected / n_replicates)


def j1_design() -> FloatArray:
    """Return the design matrix of J1's regression: a constant and the arm."""
    return np.column_stack([np.ones(2 * N_PER_ARM), np.repeat([1.0, 0.0], N_PER_ARM)])


def statsmodels_ols(n_replicates: int, seed: int) -> float:
    """J1 as a loop over least squares with HC2 errors, participant by participant."""
    rng, rejected, design = np.random.default_rng(seed), 0, j1_design()
    risk = np.where(design[:, 1] == 1, TREATED_RISK, CONTROL_RISK)
    for _ in range(n_replicates):
        estimate, standard_error = ols(rng.random(len(risk)) < risk, design, 1)
        rejected += abs(estimate) > CRITICAL * standard_error
    return float(rejected / n_replicates)


def ols(y: NDArray[Any], design: FloatArray, column: int) -> tuple[float, float]:
    """Return one coefficient of a linear probability model and its HC2 standard error."""
    fit = sm.OLS(y.astype(np.float64), design).fit(cov_type="HC2")
    return float(fit.params[column]), float(fit.bse[column])


@dataclass(frozen=True)
class Timed:
    """What a peer in another process reports about itself.

    Attributes
    ----------
    power : float
    seconds : float
        Without the start of the process and the loading of its packages.
    """

    power: float
    seconds: float


_RPACT = """
suppressMessages(library(rpact))
design <- getDesignGroupSequential(kMax = 1, alpha = 0.025)
run <- function(n, seed) getSimulationRates(design, groups = 2, thetaH0 = 0, pi1 = {p1}, pi2 = {p0},
  plannedSubjects = {n}, maxNumberOfIterations = n, seed = seed)
invisible(run(1000, 1))
seconds <- system.time(result <- run({replicates}, {seed}))[["elapsed"]]
cat(result$overallReject, seconds)
"""


def why_no_rpact() -> str:
    """Return why rpact cannot be measured, or an empty string."""
    if shutil.which("Rscript") is None:
        return "Rscript was not found"
    check = 'if (!requireNamespace("rpact", quietly = TRUE)) quit(status = 1)'
    found = subprocess.run(["Rscript", "-e", check], capture_output=True, check=False).returncode == 0
    return "" if found else "R has no package rpact"


def rpact(n_replicates: int, seed: int) -> Timed:
    """J1 by rpact's ``getSimulationRates``, timed inside R."""
    script = _RPACT.format(
        p1=TREATED_RISK, p0=CONTROL_RISK, n=2 * N_PER_ARM, replicates=n_replicates, seed=seed
    )
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, check=True, text=True)
    power, seconds = map(float, done.stdout.split()[-2:])
    return Timed(power, seconds)


@dataclass(frozen=True)
class Trial:
    """One trial of J2, participant by participant.

    Attributes
    ----------
    cell : int array (N,)
        Index of the stratum, 0 to 11; sorted.
    treated, y : bool array (N,)
    """

    cell: IntArray
    treated: NDArray[np.bool_]
    y: NDArray[np.bool_]


def fixed_sizes(n_participants: int = N_PARTICIPANTS) -> IntArray:
    """Return the expected cell sizes, rounded by largest remainders."""
    exact = SHARES * n_participants
    sizes = np.floor(exact).astype(np.int64)
    sizes[np.argsort(sizes - exact, kind="stable")[: n_participants - sizes.sum()]] += 1
    return sizes


def draw_trial(
    sizes: IntArray, rng: np.random.Generator, block: tuple[bool, ...] = (True, True, False, False)
) -> Trial:
    """Draw a trial with these cell sizes; ``block`` is permuted over and over within each cell."""
    cell = np.repeat(np.arange(len(sizes)), sizes)
    width = len(block)
    lists = [rng.permuted(np.tile(block, (-(-n // width), 1)), axis=1).reshape(-1)[:n] for n in sizes]
    treated = np.concatenate(lists)
    return Trial(cell, treated, rng.random(len(cell)) < np.where(treated, RISKS[1], RISKS[0]))


def eleven_fits(trial: Trial) -> FloatArray:
    """Return estimate and HC2 standard error of J2's eleven fits, (11, 2).

    Everybody and seven subgroups: the arm and a dummy for each stratum. Three interactions: the arm, the
    arm in the level, and a dummy for each stratum, among participants of the level and its reference.
    """
    dummies = (trial.cell[:, None] == np.arange(len(AGE))).astype(np.float64)
    arm = trial.treated.astype(np.float64)
    fits = [ols(trial.y, np.column_stack([arm, dummies]), 0)]
    for factor, level in SUBGROUPS:
        cells = np.flatnonzero(factor == level)
        rows = np.flatnonzero(factor[trial.cell] == level)
        fits.append(ols(trial.y[rows], np.column_stack([arm[rows], dummies[np.ix_(rows, cells)]]), 0))
    for factor, level, reference in INTERACTIONS:
        cells = np.flatnonzero((factor == level) | (factor == reference))
        value = factor[trial.cell]
        rows = np.flatnonzero((value == level) | (value == reference))
        product = arm[rows] * (value[rows] == level)
        design = np.column_stack([product, arm[rows], dummies[np.ix_(rows, cells)]])
        fits.append(ols(trial.y[rows], design, 0))
    return np.array(fits)


def statsmodels_arrays(n_replicates: int, seed: int, *, random_sizes: bool) -> FloatArray:
    """J2 as a loop over statsmodels with numpy design matrices, (R, 11, 2)."""
    rng, found = np.random.default_rng(seed), np.empty((n_replicates, 11, 2))
    fixed = fixed_sizes()
    for r in range(n_replicates):
        sizes = rng.multinomial(N_PARTICIPANTS, SHARES) if random_sizes else fixed
        found[r] = eleven_fits(draw_trial(sizes, rng))
    return found


def statsmodels_arrays_fixed(n_replicates: int, seed: int) -> FloatArray:
    """J2 with the same cell sizes in every trial."""
    return statsmodels_arrays(n_replicates, seed, random_sizes=False)


def statsmodels_arrays_random(n_replicates: int, seed: int) -> FloatArray:
    """J2 with random cell sizes."""
    return statsmodels_arrays(n_replicates, seed, random_sizes=True)


Peer = Callable[[int, int], object]
J1: dict[str, Peer] = {
    "numpy_binomial": numpy_binomial,
    "statsmodels_ztest": statsmodels_ztest,
    "statsmodels_ols": statsmodels_ols,
    "rpact": rpact,
}
J2_FIXED: dict[str, Peer] = {"statsmodels_arrays": statsmodels_arrays_fixed}
J2_RANDOM: dict[str, Peer] = {"statsmodels_arrays": statsmodels_arrays_random}
