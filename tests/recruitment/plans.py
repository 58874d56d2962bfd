"""Plans so simple that their recruitment is known in closed form."""

from __future__ import annotations

from typing import Any

from ipsrct.recruitment.plan import Recruitment


def assumed(value: float) -> dict[str, Any]:
    return {"value": value, "assumed": "for a test"}


def flat_plan(services: tuple[int, ...] = (3,), **changes: Any) -> Recruitment:
    """Return 10 starts a month, everybody consents, no season, no limit, everything open at once."""
    table: dict[str, Any] = {
        "opens": "2027-01",
        "starts_per_month": assumed(10),
        "counties": {
            f"c{i}": {
                "services": assumed(k),
                "starts": assumed(k),
                "specialists": assumed(1000),
                "active": assumed(0),
            }
            for i, k in enumerate(services)
        },
        "county_variation": assumed(0),
        "service_variation": assumed(0),
        "services_opening_per_month": assumed(1000),
        "ramp_up_months": assumed(0),
        "minimum_age": 16,
        "share_under_18": assumed(0.1),
        "consent": assumed(1),
        "guardian_consent": assumed(1),
        "declined_enter_ips": True,
        "caseload": assumed(15),
        "caseload_limit": assumed(20),
        "monthly_exit": assumed(0.05),
        "reporting_lag_months": assumed(3),
    }
    simple = {key: assumed(v) if isinstance(v, float) else v for key, v in changes.items()}
    return Recruitment.model_validate(table | simple)
