"""The terms that the report uses, in plain words and in both languages."""

from __future__ import annotations

from ipsrct.report.model import Paragraph, Section, Terms
from ipsrct.report.results import Node
from ipsrct.report.text import Text, t

_Entry = tuple[str, Text, Text]


def glossary(results: Node) -> Section:
    """Return the terms with an explanation in a sentence and the term in the other language."""
    used = _used(results)
    items = tuple((term, meaning) for needs, term, meaning in _ENTRIES if not needs or needs in used)
    note = t(
        "Norwegian terms marked * await review by a Norwegian statistician: no Norwegian source that was at "
        "hand uses them in this sense."
    )
    return Section("glossary", t("Glossary"), (Terms(items), Paragraph(note, "note")))


def _used(results: Node) -> set[str]:
    """Return the parts that the report has, and what its randomisation speaks of."""
    scheme = results["scenario"]["randomisation"]
    kind = scheme["kind"].value
    used = {*results.value, kind} | ({"blocks"} if kind.endswith("permuted_block") else set())
    return used | ({"strata"} if scheme["factors"].value else set())


# fmt: off
_ENTRIES: tuple[_Entry, ...] = (
    ("", t("randomised controlled trial (Norwegian: randomisert kontrollert studie)"),
     t("A study in which chance decides who gets the intervention, so that the groups differ otherwise "
       "only by chance.")),
    ("", t("trial protocol (Norwegian: studieprotokoll *)"),
     t("The document that says in advance what will be done, measured and analysed.")),
    ("", t("sample size (Norwegian: utvalgsstørrelse)"),
     t("How many participants the trial needs, over all groups.")),
    ("", t("statistical power (Norwegian: statistisk styrke)"),
     t("The probability that the trial finds an effect of the assumed size, if it is there.")),
    ("curve", t("power curve (Norwegian: styrkekurve *)"),
     t("A curve that shows how power depends on the number of participants.")),
    ("", t("significance level (Norwegian: signifikansnivå *)"),
     t("The risk of a false positive finding that is accepted beforehand.")),
    ("", t("type I error (Norwegian: type I-feil *)"),
     t("To find an effect where there is none.")),
    ("", t("two-sided test (Norwegian: tosidig test *)"),
     t("A test that can find an effect in either direction.")),
    ("", t("statistically significant (Norwegian: statistisk signifikant)"),
     t("So far from no effect that chance alone rarely gives it; it does not mean important.")),
    ("", t("confidence interval (Norwegian: konfidensintervall)"),
     t("The range of effects that agree with the data; a 95% interval holds the true one in 95 of 100 "
       "trials.")),
    ("", t("target difference (Norwegian: forskjellen studien er dimensjonert for *)"),
     t("The effect that the sample size is calculated for.")),
    ("detectable", t("minimum detectable effect (Norwegian: minste påvisbare effekt *)"),
     t("The smallest effect that the planned trial finds with the power that is wanted.")),
    ("", t("percentage point (Norwegian: prosentpoeng *)"),
     t("The difference between two shares in per cent: from 40% to 47% is 7 percentage points.")),
    ("", t("risk difference (Norwegian: risikodifferanse *)"),
     t("The share with the outcome in one group minus that in the other.")),
    ("", t("standard error (Norwegian: standardfeil *)"),
     t("How much an estimate varies from trial to trial by chance.")),
    ("", t("Monte Carlo standard error (Norwegian: Monte Carlo-standardfeil *)"),
     t("The uncertainty that comes from simulating a limited number of trials; more simulated trials make "
       "it smaller.")),
    ("", t("bias (Norwegian: skjevhet *)"),
     t("How far estimates are from the truth on average.")),
    ("", t("coverage (Norwegian: dekningsgrad *)"),
     t("How often a confidence interval holds the true effect.")),
    ("", t("simulated trial (replicate) (Norwegian: simulert studie *)"),
     t("One run of the whole trial on a computer, with chance drawn anew.")),
    ("", t("random seed (Norwegian: startverdi (frø) *)"),
     t("The number from which the computer draws chance; the same seed gives the same draws.")),
    ("", t("scenario (Norwegian: scenario *)"),
     t("A file with all that is planned and assumed about the trial.")),
    ("", t("assumption (Norwegian: forutsetning *)"),
     t("A value that is not known and has been chosen, with a reason.")),
    ("sensitivity", t("sensitivity analysis (Norwegian: sensitivitetsanalyse *)"),
     t("How the answer changes when the assumptions do.")),
    ("sensitivity", t("tornado diagram (Norwegian: tornadodiagram *)"),
     t("Bars that show which assumptions change the answer most.")),
    ("", t("randomisation (Norwegian: randomisering)"),
     t("To let chance decide which group a participant comes to.")),
    ("blocks", t("block randomisation (Norwegian: blokkrandomisering)"),
     t("Allocation in blocks that each hold the planned share of every group.")),
    ("blocks", t("permuted blocks (Norwegian: permuterte blokker *)"),
     t("Blocks in which the order of the groups is drawn by chance.")),
    ("stratified_permuted_block",
     t("stratified block randomisation (Norwegian: stratifisert blokkrandomisering *)"),
     t("Block randomisation with a list of its own for each stratum.")),
    ("strata", t("stratum (Norwegian: stratum *)"),
     t("Participants who are alike in what randomisation is stratified by, such as men under 20.")),
    ("strata", t("stratification factor (Norwegian: stratifiseringsvariabel *)"),
     t("A characteristic within whose levels the groups are kept balanced.")),
    ("minimisation", t("minimisation (Norwegian: minimering *)"),
     t("Each participant goes with high probability to the group that leaves the groups most alike.")),
    ("", t("allocation ratio (Norwegian: fordelingsforhold *)"),
     t("How many participants come to one group for each in the other, such as 1:1 or 2:1.")),
    ("", t("randomisation list (Norwegian: randomiseringsliste *)"),
     t("The allocations in the order in which they will be used, drawn in advance.")),
    ("", t("allocation concealment (Norwegian: skjult tildeling *)"),
     t("Nobody who recruits can know which group the next participant will come to.")),
    ("", t("imbalance between groups (Norwegian: skjevfordeling mellom gruppene *)"),
     t("How far the groups' sizes are from what was planned.")),
    ("", t("intervention group (Norwegian: intervensjonsgruppe)"),
     t("The participants who are allocated to the intervention.")),
    ("", t("control group (Norwegian: kontrollgruppe)"),
     t("The participants with whom the intervention group is compared.")),
    ("", t("treatment as usual (Norwegian: ordinær oppfølging)"),
     t("What participants would get without the trial.")),
    ("", t("participant (Norwegian: deltaker)"),
     t("A person who has consented and has been randomised.")),
    ("recruitment", t("informed consent (Norwegian: informert samtykke *)"),
     t("A free decision to take part, made with knowledge of what that means.")),
    ("recruitment", t("recruitment rate (Norwegian: rekrutteringstakt *)"),
     t("Participants recruited per month.")),
    ("", t("dropout or loss to follow-up (Norwegian: frafall *)"),
     t("Participants whose outcome is never observed.")),
    ("", t("primary outcome (Norwegian: primærutfall *)"),
     t("The outcome that the trial is sized for and that is tested first.")),
    ("", t("covariate adjustment (Norwegian: kovariatjustering *)"),
     t("An analysis that takes account of characteristics measured before randomisation.")),
    ("", t("estimand (Norwegian: estimand *)"),
     t("The effect that the trial is to estimate: for whom, on what, and what happens to events on the "
       "way.")),
    ("", t("intercurrent event (Norwegian: mellomliggende hendelse *)"),
     t("An event after randomisation that changes what the outcome means.")),
    ("", t("subgroup analysis (Norwegian: undergruppeanalyse *)"),
     t("The effect among some of the participants only.")),
    ("", t("interaction (Norwegian: samspill (interaksjon) *)"),
     t("The effect is larger in one subgroup than in another.")),
    ("", t("multiple testing (Norwegian: multippel testing *)"),
     t("The more tests, the larger the risk that one of them is significant by chance.")),
    ("flow", t("flow diagram (Norwegian: flytskjema *)"),
     t("A diagram of how many participants remain at each step of the trial.")),
    ("", t("forest plot (Norwegian: forestplott *)"),
     t("A figure with one interval for each subgroup.")),
    ("", t("register data (Norwegian: registerdata)"),
     t("Data that public registers hold already, such as employment reported by employers.")),
    ("", t("Individual Placement and Support (IPS) (Norwegian: individuell jobbstøtte (IPS))"),
     t("Support in finding and keeping ordinary paid work, together with treatment and follow-up.")),
    ("recruitment", t("employment specialist (Norwegian: jobbspesialist)"),
     t("The person who gives IPS to a small number of participants.")),
    ("", t("traceability (provenance) (Norwegian: sporbarhet *)"),
     t("That every number can be followed back to its source and made again.")),
)
# fmt: on
