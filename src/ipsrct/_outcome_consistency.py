"""What a scenario's outcome needs of its cohort and its estimand."""

from __future__ import annotations

from collections.abc import Iterator

from ipsrct._message import Message, _, said_by
from ipsrct._unchecked import Reader, parsed
from ipsrct.errors import Fault, RunError
from ipsrct.trial import CellTable, FloatArray

_CHAIN = "register_chain"
_OUTSIDE = (
    _("control risk must be between 0 and 1, got {risk} for {cell}{more}"),
    _("treatment risk must be between 0 and 1, got {risk} for {cell}{more}"),
)


def event_faults(reader: Reader) -> Iterator[Fault]:
    """Check that what is simulated is the estimand, where the outcome model leaves no choice of strategy."""
    outcome, path = parsed("outcome", reader.table("assumptions.outcome")), "analysis.estimand"
    if outcome is None or outcome.event_strategy is None or not reader.table(path):
        return
    strategy, events = outcome.event_strategy, reader.tables(f"{path}.intercurrent_events")
    if not events:
        message = Message(
            'must name at least the end of IPS, with strategy "{strategy}": a {kind} follows everybody '
            "whatever happens",
            strategy=strategy,
            kind=outcome.kind,
        )
        yield Fault(f"{path}.intercurrent_events", message)
    for i, given in enumerate(event.get("strategy") for event in events):
        if given != strategy:
            message = Message(
                'must be "{strategy}": a {kind} follows everybody whatever happens, got "{given}"',
                strategy=strategy,
                kind=outcome.kind,
                given=given,
            )
            yield Fault(f"{path}.intercurrent_events.{i}.strategy", message)


def risk_faults(reader: Reader) -> Iterator[Fault]:
    """Check that every cell's risk is a probability, once the parts are valid by themselves."""
    cohort = parsed("cohort", reader.table("assumptions.cohort"))
    outcome = parsed("outcome", reader.table("assumptions.outcome"))
    if cohort is None or outcome is None:
        return
    chains = [part.kind == _CHAIN for part in (cohort, outcome)]
    if any(chains) and not all(chains):
        message = Message('cohort and outcome must both be of kind "{kind}", or neither', kind=_CHAIN)
        yield Fault("assumptions", message)
        return
    cells = cohort.cells()
    try:
        risks = outcome.risks(cells, (False, True))
    except RunError as error:
        yield Fault("assumptions.outcome", said_by(error))
        return
    if outcome.unit == "proportion":
        yield from _outside_faults(cells, risks)


def _outside_faults(cells: CellTable, risks: FloatArray) -> Iterator[Fault]:
    """Check that risks by cell in the control and the treatment arm, (C, 2), are probabilities."""
    for column, template in enumerate(_OUTSIDE):
        outside = ((risks[:, column] < 0) | (risks[:, column] > 1)).nonzero()[0]
        if outside.size:
            levels = zip(cells.factors, cells.levels, cells.level_index[outside[0]], strict=True)
            cell = ", ".join(f"{factor} {names[i]}" for factor, names, i in levels)
            more = Message(" and {n} more cells", n=outside.size - 1) if outside.size > 1 else ""
            message = Message(
                template,
                risk=f"{risks[outside[0], column]:.4g}",
                cell=cell or Message("all participants"),
                more=more,
            )
            yield Fault("assumptions.outcome", message)
