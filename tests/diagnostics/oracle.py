"""Guessers, lists and counts in plain Python, for trials small enough to list."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations, product

import numpy as np

from ipsrct.trial import CellTable, Cohort


def block_contents(size, weights):
    return [k for k, w in enumerate(weights) for _ in range(w * (size // sum(weights)))]


def lists(n, block_sizes, weights):
    """Return every list of n places with its probability: blocks one after another, the last one cut."""
    if n == 0:
        return {(): Fraction(1)}
    found = {}
    for size in block_sizes:
        orders = set(permutations(block_contents(size, weights)))
        for order in orders:
            for rest, p in lists(max(n - size, 0), block_sizes, weights).items():
                key = (order + rest)[:n]
                found[key] = found.get(key, 0) + p / len(orders) / len(block_sizes)
    return found


def coins(n, weights):
    """Return every sequence of complete randomisation with its probability."""
    return {
        sequence: np.prod([Fraction(weights[k], sum(weights)) for k in sequence])
        for sequence in product(range(len(weights)), repeat=n)
    }


def behind(past, weights):
    return [Fraction(w * len(past), sum(weights)) - past.count(k) for k, w in enumerate(weights)]


def convergence(past, weights):
    """Return the arms that are guessed."""
    lag = behind(past, weights)
    tied = [k for k in range(len(weights)) if lag[k] == max(lag)]
    return [k for k in tied if weights[k] == max(weights[j] for j in tied)]


def expected(distribution, guesser, makes_guess=lambda _: True):
    """Return the expected share of assignments that are guessed, and of those guessed right."""
    made = right = Fraction(0)
    n = len(next(iter(distribution)))
    for sequence, p in distribution.items():
        for i, arm in enumerate(sequence):
            past = list(sequence[:i])
            if makes_guess(past):
                guessed = guesser(past)
                made += p / n
                right += p * Fraction(arm in guessed, len(guessed)) / n
    return made, right


def next_probability(distribution, n_arms):
    """Return P(next arm | past) for every past that is possible."""
    prefix = {}
    for sequence, p in distribution.items():
        for i in range(len(sequence) + 1):
            prefix[sequence[:i]] = prefix.get(sequence[:i], 0) + p
    longest = len(next(iter(distribution)))
    return {
        past: [prefix.get((*past, k), 0) / p for k in range(n_arms)]
        for past, p in prefix.items()
        if len(past) < longest
    }


def likeliest(table):
    def guesser(past):
        probability = table[tuple(past)]
        return [k for k, p in enumerate(probability) if p == max(probability)]

    return guesser


def one_list_cohort(n, n_replicates=1):
    """Return a cohort without factors or services."""
    cells = CellTable((), (), np.ones(1))
    return Cohort(cells, np.zeros((n_replicates, n), int), np.zeros((n_replicates, n), int), 1)


def small_cohort(seed, n_replicates, n, n_services=3):
    """Return a cohort of two factors (2 x 3 levels) in some services."""
    rng = np.random.default_rng(seed)
    levels = (("m", "f"), ("x", "y", "z"))
    cells = CellTable(("sex", "age"), levels, np.full(6, 1 / 6))
    cell = rng.integers(6, size=(n_replicates, n))
    return Cohort(cells, cell, rng.integers(n_services, size=(n_replicates, n)), n_services)
