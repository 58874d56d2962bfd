"""J4: the evaluation's panel regression and the drawing of panels, ours and what a user would run instead."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Phases after start begin in these months since start, each a step.
N_PERSONS, N_MONTHS = 1308, 30
PHASES = (0, 3, 6, 9)
N_TRIALS, N_PARTICIPANTS, N_TRIAL_MONTHS = 8, 1320, 14
BATCH = 16  # registers that are fitted at a time


@dataclass(frozen=True)
class Registers:
    """Monthly employment of some registers whose persons start in the same months.

    Attributes
    ----------
    start_month : int array (N,)
        The first month is 1.
    employed : bool array (R, N, T)
    """

    start_month: IntArray
    employed: NDArray[np.bool_]


def draw_registers(n_registers: int, seed: int) -> Registers:
    """Draw employment that begins and ends at random, more often after start."""
    rng = np.random.default_rng(seed)
    start = rng.integers(10, 25, N_PERSONS)
    entry = rng.beta(1, 20, (n_registers, N_PERSONS))
    now = rng.random(entry.shape) < 0.4
    employed = np.empty((*entry.shape, N_MONTHS), dtype=np.bool_)
    for t in range(N_MONTHS):
        after = start <= t + 1
        now = np.where(now, rng.random(entry.shape) > 0.05, rng.random(entry.shape) < entry + 0.02 * after)
        employed[..., t] = now
    return Registers(start, employed)


def why_no_pyfixest() -> str:
    """Return why pyfixest cannot be measured, or an empty string."""
    return "" if importlib.util.find_spec("pyfixest") else "pyfixest is not installed"


def pyfixest_fits(registers: Registers, n_fits: int) -> FloatArray:
    """Fit Model 1 to registers in turn, (n_fits, 2, 4): coefficients, and errors clustered by person."""
    import pandas as pd
    import pyfixest

    person, month = np.repeat(np.arange(N_PERSONS), N_MONTHS), np.tile(np.arange(1, N_MONTHS + 1), N_PERSONS)
    since = month - registers.start_month[person]
    steps = {f"phase_{first}": (since >= first).astype(np.float64) for first in PHASES}
    frame = pd.DataFrame({"person": person, "month": month} | steps)
    formula = f"y ~ {' + '.join(steps)} | person + month"
    found = np.empty((n_fits, 2, len(PHASES)))
    for i in range(n_fits):
        frame["y"] = registers.employed[i % len(registers.employed)].ravel().astype(np.float64)
        fit = pyfixest.feols(formula, frame, vcov={"CRV1": "person"})
        found[i] = fit.coef().to_numpy(), fit.se().to_numpy()
    return found


def uniforms(times: int) -> float:
    """Draw one uniform number for each person and month of eight trials, from month -1 to month 12."""
    rng, total = np.random.Generator(np.random.SFC64(1)), 0.0
    numbers = np.empty((N_TRIAL_MONTHS, N_TRIALS * N_PARTICIPANTS))
    for _ in range(times):
        for month in numbers:
            rng.random(out=month)
        total += float(numbers[0, 0])
    return total


def our_fits(registers: Registers) -> Callable[[int], object]:
    """Return what fits Model 1 to these registers, a number of times."""
    from ipsrct.register.evaluation import Model1Design, evaluate_model_1

    design = Model1Design.of(registers.start_month, N_MONTHS)
    batch = registers.employed[:, None, design.order]
    return lambda times: [evaluate_model_1(batch, design) for _ in range(times)]


def our_panels() -> Callable[[], object]:
    """Return what draws the months of ``N_TRIALS`` trials."""
    from ipsrct.register.calibration import Variant
    from ipsrct.register.panels import draw_lines, draw_panels
    from ipsrct.register.trial_chain import ControlPath, TreatedPath, chain_of, sampler_of

    variant = Variant()
    chain = chain_of(TreatedPath(variant))
    sampler = sampler_of(ControlPath(variant, "persist"), TreatedPath(variant), N_TRIAL_MONTHS - 2)
    rng = np.random.Generator(np.random.SFC64(4))
    cell = rng.integers(0, chain.design.size.size, (N_TRIALS, N_PARTICIPANTS))
    line = draw_lines(chain.design, chain.factor_weight, cell, rng)
    arm = rng.integers(0, 2, line.shape)
    return lambda: draw_panels(sampler, line, arm, rng)
