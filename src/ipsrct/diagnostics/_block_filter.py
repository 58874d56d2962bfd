"""The next arm's probability in lists of permuted blocks whose sizes are drawn at random."""

from __future__ import annotations

import numpy as np

from ipsrct.trial import FloatArray, IntArray


def next_probability(lists: IntArray, block_sizes: tuple[int, ...], weights: tuple[int, ...]) -> FloatArray:
    """Return the probability of each arm in each place of a list, given the places before it.

    A forward filter: the hidden state is the current block's size b and the t places of it that are used;
    given those the next arm is k with probability (content_k - used_k) / (b - t), and when a block is full
    the next one's size is drawn anew.

    Parameters
    ----------
    lists : int array (L, n)
        Arms. Shorter lists may be filled up with any arm: what comes later changes nothing before.
    block_sizes : tuple of int
        A size that stands twice is twice as probable.
    weights : tuple of int
        Allocation weights, length K.

    Returns
    -------
    float array (K, L, n)
        NaN in places that a filled-up list cannot reach.
    """
    content = np.concatenate([_contents(b, weights) for b in block_sizes])  # (states, K)
    used = np.concatenate([np.arange(b) for b in block_sizes])
    left = np.repeat(block_sizes, block_sizes) - used
    start = used == 0
    n_lists, n = lists.shape
    belief = np.repeat((start / start.sum())[:, None], n_lists, axis=1)  # (states, L)
    taken = np.zeros((len(weights), len(used), n_lists))
    result = np.empty((len(weights), n_lists, n))
    with np.errstate(divide="ignore", invalid="ignore"):
        for place in range(n):
            chance = (content.T[..., None] - taken) / left[:, None]  # (K, states, L)
            result[:, :, place] = (belief * chance).sum(axis=1)
            arm = lists[:, place]
            belief = belief * chance[arm, :, np.arange(n_lists)].T
            belief /= belief.sum(axis=0)
            ended = belief[left == 1].sum(axis=0)
            taken[arm, :, np.arange(n_lists)] += 1
            # Every state moves on by one place; a size's last falls on the next size's start and is replaced.
            belief, taken = np.roll(belief, 1, axis=0), np.roll(taken, 1, axis=1)
            belief[start] = ended / start.sum()
            taken[:, start] = 0
    return result


def _contents(size: int, weights: tuple[int, ...]) -> IntArray:
    return np.tile(np.array(weights) * (size // sum(weights)), (size, 1))
