"""The schemes and analyses of a comparison: names, defaults from the scenario, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ipsrct._message import Message
from ipsrct._parts import kinds
from ipsrct.errors import NotAvailableError, ScenarioError, listed
from ipsrct.scenario import Scenario
from ipsrct.trial import SERVICE

Table = dict[str, Any]
Choice = str | Mapping[str, Any]
ALL = "all"
BY_SERVICE = "stratified_by_service"
DEFAULT = ("complete", "permuted_block", "stratified_permuted_block", BY_SERVICE, "minimisation")
_OTHER_NAMES = ("simple",)  # of complete randomisation
_WITH_SERVICE = ("minimisation", "covariate_adaptive")
_RANDOMISATION = "design.randomisation"


def compared_scenarios(
    scenario: Scenario, schemes: Sequence[Choice] | None, analyses: Sequence[Choice] | None
) -> tuple[dict[str, Scenario], dict[str, str]]:
    """Return the scenario under each scheme with the analyses, and why other schemes were refused.

    Schemes that were chosen by name must be valid; of the default schemes and of ``all`` those that are not
    are left out.

    Raises
    ------
    NotAvailableError
        With everything that is wrong with the choices.
    """
    tables = _scheme_tables(scenario, schemes)
    estimators = [_estimator_table(scenario, choice) for choice in analyses or ()]
    changes: Table = {"analysis.subgroups": [], "analysis.interactions": []}
    changes |= {"analysis.estimators": estimators} if estimators else {}
    found, refused = {}, {}
    for label, table in tables.items():
        try:
            found[label] = scenario.with_changes(changes | {_RANDOMISATION: table})
        except ScenarioError as error:
            refused[label] = "; ".join(
                str(f).removeprefix(_RANDOMISATION).lstrip(".: ") for f in error.faults
            )
    named = schemes is not None and ALL not in schemes
    if refused and (named or not found):
        raise NotAvailableError("\n".join(f"{label}: {reason}" for label, reason in refused.items()))
    return found, refused


def _scheme_tables(scenario: Scenario, schemes: Sequence[Choice] | None) -> dict[str, Table]:
    """Return the randomisation tables by label."""
    if schemes is None:
        schemes = [*DEFAULT, scenario.design.scheme.kind]
        schemes = [name for name in dict.fromkeys(schemes) if name != BY_SERVICE or _adds_service(scenario)]
    elif ALL in schemes:
        others = [kind for kind in kinds("randomisation") if kind not in (*DEFAULT, *_OTHER_NAMES)]
        schemes = [name for name in DEFAULT if name != BY_SERVICE or _adds_service(scenario)] + others
    if not schemes:
        raise NotAvailableError(Message("a comparison needs at least one scheme"))
    wrong = [
        f'"{choice}" is not a scheme{listed(choice, "schemes", [*kinds("randomisation"), BY_SERVICE, ALL])}'
        for choice in schemes
        if isinstance(choice, str) and choice not in (*kinds("randomisation"), BY_SERVICE)
    ]
    tables: dict[str, Table] = {}
    for choice in schemes:
        table = _named_scheme(scenario, choice) if isinstance(choice, str) else dict(choice)
        label = str(table.pop("name", choice if isinstance(choice, str) else table.get("kind")))
        if label in tables:
            wrong.append(f'"{label}" is given twice; give one of them another name: {{kind=..., name=...}}')
        tables[label] = _filled(scenario, table, bare=choice == table.get("kind"))
    if wrong:
        raise NotAvailableError("\n".join(dict.fromkeys(wrong)))
    return tables


def _adds_service(scenario: Scenario) -> bool:
    return scenario.assumptions.cohort.n_services > 1 and SERVICE not in _factors(scenario)


def _named_scheme(scenario: Scenario, name: str) -> Table:
    if name == BY_SERVICE:
        return {"kind": "stratified_permuted_block", "factors": [*_factors(scenario), SERVICE]}
    return {"kind": name}


def _factors(scenario: Scenario) -> list[str]:
    """Return the factors of the scenario's scheme; if it has none, of its subgroups, or its cohort's."""
    cells = scenario.assumptions.cohort_model.cells()
    own = scenario.design.scheme.strata_factors
    return list(own or scenario.analysis.subgroups or cells.factors)


def _filled(scenario: Scenario, table: Table, *, bare: bool) -> Table:
    """Return a randomisation table with the keys that it needs and does not have.

    They come from the scenario's own scheme as far as it has them, and a scheme of its kind that is only
    named is its own.
    """
    own = scenario.document["design"]["randomisation"]
    if bare and own["kind"] == table["kind"]:
        return dict(own)
    part = kinds("randomisation").get(str(table.get("kind")))
    if part is None:
        return table
    factors = _factors(scenario)
    if table["kind"] in _WITH_SERVICE and _adds_service(scenario):
        factors.append(SERVICE)
    sizes = own.get("block_sizes") or [2 * sum(scenario.design.weights)]
    values = {"factors": factors, "block_sizes": sizes, "block_size": sizes[0]}
    values |= {"maximum_tolerated_imbalance": 3, "a": 2, "steps": 4}
    needed = {key: value for key, value in values.items() if _requires(part, key)}
    if table["kind"] == "rerandomisation" and "limit" not in table:
        needed["acceptance"] = 0.1
    return needed | table


def _requires(part: type, key: str) -> bool:
    fields: dict[str, Any] = part.model_fields  # type: ignore[attr-defined]
    return key in fields and fields[key].is_required()


def _estimator_table(scenario: Scenario, choice: Choice) -> Table:
    """Return the table of an analysis: the scenario's by its name, or one of a kind with its factors."""
    own = dict(
        zip(
            (estimator.label for estimator in scenario.analysis.estimator_list),
            scenario.document["analysis"]["estimators"],
            strict=True,
        )
    )
    if isinstance(choice, str) and choice in own:
        return dict(own[choice])
    table: Table = {"kind": choice} if isinstance(choice, str) else dict(choice)
    part = kinds("estimator").get(str(table.get("kind")))
    if part is None:
        given = str(table.get("kind"))
        choices = dict.fromkeys([*own, *kinds("estimator")])
        raise NotAvailableError(
            Message(
                '"{name}" is not an analysis{choices}',
                name=given,
                choices=listed(given, Message("analyses"), choices),
            )
        )
    takes = "factors" in part.model_fields if isinstance(choice, str) else _requires(part, "factors")
    factors = [name for name in _factors(scenario) if name != SERVICE]
    return ({"factors": factors} if takes else {}) | table
