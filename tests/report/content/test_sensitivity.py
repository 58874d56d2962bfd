"""What the assumptions do to power and size, and assurance."""

from __future__ import annotations

from ipsrct.report.content.sensitivity import sensitivity
from ipsrct.report.model import Figure
from ipsrct.report.text import Estimate
from tests.report.content.items import blocks, changed, pointers, rows, said, tables


def test_every_end_has_power_and_size(results):
    table = tables(sensitivity(results))["sensitivity-table"]
    found = [row[1:] for row in rows(table)]
    assert found[0] == ["", "", "78.6", "1,358"]
    assert ["low", "3.5 percentage points", "25.3", "6,202"] in found
    assert ["high", "13 percentage points", "99.7", "452"] in found
    shown = pointers(sensitivity(results))
    ends = results["sensitivity"]["rows"]
    assert [row.pointer for row in ends if f"{row.pointer}/n_total" not in shown] == []
    assert [row.pointer for row in ends if f"{row.pointer}/power" not in shown] == []


def test_the_most_important_in_words(results):
    assert (
        "When it goes from 3.5 to 13 percentage points, power with 1,320 participants goes from 25.3% to "
        "99.7%, and the number of participants needed for 80% power from 6,202 to 452."
    ) in said(sensitivity(results))


def test_ends_taken_together_say_in_which_order(results):
    table = tables(sensitivity(results))["sensitivity-joint"]
    assert rows(table)[1] == ["low, high", "99.8", "450"]
    assert (
        "The ends stand in this order: Employment without IPS 12 months after start; "
        "Effect of IPS on employment 12 months after start."
    ) in said(sensitivity(results))


def test_simulated_ends_show_their_errors(results):
    left = changed(results, sensitivity__rows__1__mc_standard_error=0.003, sensitivity__rows__1__n_low=1300)
    table = tables(sensitivity(left))["sensitivity-table"]
    assert isinstance(table.rows[1][3], Estimate)
    assert rows(table)[1][3:] == ["79.7 (0.30)", "1,330 (1,300 to 1,330)"]


def test_assurance_has_its_error_and_a_ceiling_explained(results):
    text = said(sensitivity(results))
    assert "succeeds with a probability of 61.4% (0.19)" in text
    assert "does not pass 90.6%" in text
    assert "they cannot make it work" in text
    assert rows(tables(sensitivity(results))["assurance-sizes"])[3] == ["80%", "5,704 (5,594 to 5,816)"]


def test_the_priors_weights_are_called_assumed_and_add_up(results):
    found = rows(tables(sensitivity(results))["assurance-prior"])
    assert [row[1] for row in found][:3] == ["30%, assumed", "30%, assumed", "10%, assumed"]
    assert sum(int(row[1].split("%")[0]) for row in found) == 100
    assert found[0][2:] == ["9.9 (3.3)", "39.3%"]


def test_what_the_prior_leaves_out_is_said_where_it_matters(results):
    assert "are left out" not in said(sensitivity(results))
    assert "0.120% of the prior" in said(sensitivity(changed(results, assurance__left_out=0.0012)))


def test_no_size_for_an_assurance_above_the_ceiling(results):
    left = changed(results, assurance__answers__3__note="the ceiling is lower")
    left.value["assurance"]["answers"][3]["n_total"] = None
    assert rows(tables(sensitivity(left))["assurance-sizes"])[3][1] == "no size: the ceiling is lower"


def test_both_figures_are_there(results):
    figures = [block.name for block in blocks(sensitivity(results)) if isinstance(block, Figure)]
    assert figures == ["tornado", "assurance"]
