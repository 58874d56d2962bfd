from __future__ import annotations

import pytest

from ipsrct.recruitment.cost import Cost
from tests.recruitment.plans import assumed


def test_cost_by_hand():
    """300 participants 2:1, 20 months a place: 900 + 300 * 2/3 * 20 * 5 + 4 * 100 + 30 * 7."""
    cost = Cost.model_validate(
        {
            "currency": "NOK",
            "per_place_month": assumed(5),
            "per_participant": assumed(3),
            "per_service": assumed(100),
            "per_month": assumed(7),
        }
    )
    total = cost.total(300, ips_share=2 / 3, n_services=4, months=30, monthly_exit=0.05)
    assert total == pytest.approx(900 + 20_000 + 400 + 210)
