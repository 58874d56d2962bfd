"""What choices save, which of them answer another question, and what was refused."""

from __future__ import annotations

from ipsrct import read_scenario
from ipsrct._lever_choices import available_levers, overall, refused_levers
from ipsrct._message import Message
from ipsrct.findings.texts import texts as made_texts
from ipsrct.report.content.levers import levers
from tests.report.content.shown import texts, whole


def test_levers_hold_the_stored_numbers_and_mark_other_estimands(results):
    said = texts(levers(results))
    assert (
        "month 12, more than 10 hours a week *|24.6%|9.8 percentage points|678 (672 to 684)|28.4 (0.034)"
        in said
    )
    assert "adjusted for employment before as well|216 (198 to 234)|3.4 (0.013)|11.6" in said
    assert "months employed in 1 to 12 *|4.71 months|0.61 months|2,006 (1,814 to 2,208)|50.0 (0.087)" in said
    assert any(text.startswith("Choices marked * change the primary outcome") for text in said)


def test_the_best_choice_keeps_the_question(results):
    said = whole(levers(results))
    assert (
        "this one saves most participants: adjusted for employment before as well. It saves 216 (198 to"
        in said
    )


def test_a_saving_within_the_error_of_simulation_is_no_saving(results, changed):
    rows = [row for row in results.value["levers"]["levers"] if row["saved_participants"] in (None, 0, 4)]
    said = whole(levers(changed({"levers.levers": rows})))
    assert "No choice that leaves the question as it is saves participants beyond the error" in said
    assert "Choices marked *" not in said


def test_refused_choices_are_given_with_the_reason(changed):
    lever = Message("allocation 2:1")
    reason = Message("is defined for two arms of equal weight, got weights {weights}", weights="2:1")
    document = {"lever": str(lever), "reason": str(reason)}
    section = levers(changed({"levers.refused": [document], "texts": made_texts([lever, reason])}))
    assert "allocation 2:1: is defined for two arms of equal weight, got weights 2:1." in texts(section)
    assert "fordeling 2:1: er definert for to studiearmer med lik vekt, men vektene er 2:1." in texts(
        section, "nb"
    )


def test_without_costs_no_money_is_shown(changed):
    said = whole(levers(changed({"provenance.scenario.cost": None})))
    assert "The scenario has no costs" in said
    assert "NOK" not in said


def test_costs_are_called_assumed(results):
    said = texts(levers(results), "nb")
    assert any(text.startswith("Alle kostnader er forutsatt") for text in said)
    assert any(text.startswith("per deltaker|3\u00a0000|1\u00a0000 til 6\u00a0000|") for text in said)


def test_a_size_that_does_not_exist_is_a_dash(results, changed):
    nothing = dict.fromkeys(("n_total", "n_low", "n_high", "months", "months_mc_standard_error"))
    first = results.value["levers"]["levers"][0] | nothing
    said = texts(levers(changed({"levers.levers.0": first})))
    assert "As planned, no number of participants gives the trial 80% power." in said
    assert "as it is|39.5%|7.5 percentage points|\u2013|\u2013" in said


def test_every_lever_remembers_its_template():
    reference = overall(read_scenario("ips_ung"))
    for name in (*(lever.name for lever in available_levers(reference)), *dict(refused_levers(reference))):
        assert name == name.template.format(**name.values)
