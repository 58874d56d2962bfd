"""Scenario files with faults, each with every fault that its reader must be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ipsrct import packaged_scenarios


def _whole_file_of_cells() -> str:
    """Return ``ips_ung_cells`` as one file: its parent's text with its own name and assumptions."""
    whole, cells = (packaged_scenarios()[n].read_text(encoding="utf-8") for n in ("ips_ung", "ips_ung_cells"))
    start, estimators = "[assumptions.cohort]", "[[analysis.estimators]]"
    middle = whole[whole.index("[analysis]") : whole.index(estimators)]
    end = whole[whole.index("[simulation]") : whole.index("# What the effect may be")]
    end += whole[whole.index("[evidence]") :]
    assumptions, _, own = cells[cells.index(start) :].partition(estimators)
    return whole[: whole.index(start)] + assumptions + middle + estimators + own + "\n" + end


IPS_UNG = _whole_file_of_cells()
_AGE_FACTORS = 'factors = ["age", "sex", "social_assistance"]\nblock_sizes'
_OUTCOME_SHIFT = "[assumptions.outcome.effect_shift.{}]\n{}\n\n[analysis]\n"


@dataclass(frozen=True)
class Broken:
    """A scenario that must be refused.

    Attributes
    ----------
    name : str
    faults : tuple of (str, str)
        The path and a distinctive part of the message of each fault.
    edits : tuple of (str, str)
        Text of the recommended trial, found once, and its replacement.
    files : dict of str to bytes, optional
        Files to write instead of an edited copy of the recommended trial.
    source : str
        What the reader is given: a file that was written, or a name.
    changes : tuple of str
        Overrides, as on the command line.
    """

    name: str
    faults: tuple[tuple[str, str], ...]
    edits: tuple[tuple[str, str], ...] = ()
    files: dict[str, bytes] | None = None
    source: str = "broken.toml"
    changes: tuple[str, ...] = ()

    def write(self, folder: Path) -> str:
        """Write the files and return the name or path to read."""
        text = IPS_UNG
        for old, new in self.edits:
            assert text.count(old) == 1, f"{old!r} must stand once in ips_ung.toml"
            text = text.replace(old, new)
        files = {"broken.toml": text.encode()} if self.files is None else self.files
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        return str(folder / self.source) if (folder / self.source).exists() else self.source


_FILES = (
    Broken(
        "toml_syntax",
        (("file", "not valid TOML"),),
        edits=(("n_participants = 1320", "n_participants = = 1320"),),
    ),
    Broken(
        "key_given_twice",
        (("file", "not valid TOML"),),
        edits=(("replicates = 100000", "replicates = 100000\nreplicates = 10"),),
    ),
    Broken(
        "empty_file",
        tuple(
            (key, "is required")
            for key in ("name", "title", "design", "assumptions", "analysis", "simulation")
        ),
        files={"broken.toml": b""},
    ),
    Broken("not_utf8", (("file", "UTF-8"),), files={"broken.toml": b'name = "\xe5r"\n'}),
    Broken("directory", (("file", "directory"),), files={"broken.toml/inner.toml": b""}),
    Broken("missing_file", (("file", 'did you mean "ips_ung"?'),), files={}, source="ips_ugn"),
    Broken("number_of_5000_digits", (("file", ""),), files={"broken.toml": b"x = 1" + b"0" * 5000}),
    Broken("nested_too_deeply", (("file", ""),), files={"broken.toml": b"x = " + b"[" * 5000 + b"]" * 5000}),
    Broken(
        "extends_nothing", (("extends", 'did you mean "seed"?'),), files={"broken.toml": b'extends = "sed"'}
    ),
    Broken(
        "extends_a_name_with_a_null",
        (("extends", "null"),),
        files={"broken.toml": b'extends = "ips_\\u0000ung"'},
    ),
    Broken("extends_a_number", (("extends", "name or path"),), files={"broken.toml": b"extends = 3"}),
    Broken(
        "extends_itself",
        (("extends", "come back to itself"),),
        files={"broken.toml": b'extends = "broken.toml"'},
    ),
    Broken(
        "extends_in_a_circle",
        (("extends", "come back to itself"),),
        files={"broken.toml": b'extends = "other.toml"', "other.toml": b'extends = "broken.toml"'},
    ),
)

_KEYS_AND_TYPES = (
    Broken(
        "unknown_top_level_key",
        (("budget", "is not a key here; keys: "),),
        edits=(('name = "ips_ung"\n', 'name = "ips_ung"\nbudget = 3\n'),),
    ),
    Broken(
        "misspelt_top_level_key",
        (("titel", 'did you mean "title"?'), ("title", "is required")),
        edits=(("\ntitle = ", "\ntitel = "),),
    ),
    Broken(
        "missing_sections",
        (("analysis", "is required"), ("simulation", "is required")),
        files={"broken.toml": IPS_UNG.split("[analysis]")[0].encode()},
    ),
    Broken(
        "misspelt_section",
        (("simulaton", 'did you mean "simulation"?'), ("simulation", "is required")),
        edits=(("[simulation]", "[simulaton]"),),
    ),
    Broken(
        "missing_key",
        (("design.n_participants", "is required"),),
        edits=(("n_participants = 1320", ""),),
    ),
    Broken(
        "misspelt_key",
        (("design.randomisation.leftover", 'did you mean "leftovers"?'),),
        edits=(("leftovers = ", "leftover = "),),
    ),
    Broken(
        "misspelt_key_of_an_arm",
        (
            ("design.arms.1.is_contrl", 'did you mean "is_control"?'),
            ("design.arms", "exactly one arm must have is_control = true"),
        ),
        edits=(("is_control = true", "is_contrl = true"),),
    ),
    Broken(
        "misspelt_kind",
        (("design.randomisation.kind", 'did you mean "stratified_permuted_block"?'),),
        edits=(('"stratified_permuted_block"', '"stratified_permuted_blok"'),),
    ),
    Broken(
        "misspelt_only_kind",
        (("assumptions.outcome.kind", 'did you mean "cell_risks"?'),),
        edits=(('"cell_risks"', '"cell_risk"'),),
    ),
    Broken(
        "missing_kind",
        (("design.randomisation.kind", ", permuted_block, random_allocation_rule, "),),
        edits=(('kind = "stratified_permuted_block"', ""),),
    ),
    Broken(
        "missing_kind_of_an_estimator",
        (("analysis.estimators.1.kind", "linear_probability"),),
        edits=(('kind = "linear_probability"', ""),),
    ),
    Broken(
        "misspelt_choice",
        (("analysis.estimators.1.variance", "must be HC0, HC1, HC2 or HC3"),),
        edits=(('variance = "HC2"', 'variance = "HC4"'),),
    ),
    Broken(
        "three_sides",
        (("analysis.sides", "must be 1 or 2, got 3"),),
        edits=(("sides = 2", "sides = 3"),),
    ),
    Broken(
        "negative_n",
        (("design.n_participants", "at least 2, got -1320"),),
        edits=(("n_participants = 1320", "n_participants = -1320"),),
    ),
    Broken(
        "n_as_text",
        (("design.n_participants", 'whole number, got "1320"'),),
        edits=(("n_participants = 1320", 'n_participants = "1320"'),),
    ),
    Broken(
        "n_with_a_fraction",
        (("design.n_participants", "whole number, got 1320.5"),),
        edits=(("n_participants = 1320", "n_participants = 1320.5"),),
    ),
    Broken(
        "n_as_a_truth_value",
        (("design.n_participants", "whole number, got true"),),
        edits=(("n_participants = 1320", "n_participants = true"),),
    ),
    Broken(
        "one_bad_point_of_a_grid",
        (("design.n_participants", "at least 2, got 1"),),
        edits=(("n_participants = 1320", "n_participants = [1320, 1]"),),
    ),
    Broken(
        "zero_replicates",
        (("simulation.replicates", "at least 1, got 0"),),
        edits=(("replicates = 100000", "replicates = 0"),),
    ),
    Broken(
        "negative_seed",
        (("simulation.seed", "at least 0, got -1"),),
        edits=(("seed = 20240101", "seed = -1"),),
    ),
    Broken(
        "name_with_capitals",
        (("name", "lower-case letters"),),
        edits=(('name = "ips_ung"', 'name = "IPS ung"'),),
    ),
    Broken(
        "date_as_title",
        (("title", "text in quotes"),),
        edits=(("\ntitle = ", "\ntitle = 2024-01-01 # "),),
    ),
    Broken(
        "significance_level_as_a_truth_value",
        (("analysis.significance_level", "a number, got true"),),
        edits=(("significance_level = 0.05", "significance_level = true"),),
    ),
    Broken(
        "infinite_significance_level",
        (("analysis.significance_level", "less than 1"),),
        edits=(("significance_level = 0.05", "significance_level = inf"),),
    ),
)

_DESIGN_AND_ANALYSIS = (
    Broken(
        "two_arms_of_one_name",
        (("design.arms", '"ips" more than once'),),
        edits=(
            (
                "[design.randomisation]",
                '[[design.arms]]\nname = "ips"\nallocation_weight = 1\n\n[design.randomisation]',
            ),
            ("block_sizes = [4]", "block_sizes = [6]"),
        ),
    ),
    Broken(
        "no_control_arm",
        (("design.arms", "exactly one arm must have is_control = true, got none"),),
        edits=(("is_control = true", ""),),
    ),
    Broken(
        "two_control_arms",
        (("design.arms", "got ips, control"),),
        edits=(('name = "ips"\n', 'name = "ips"\nis_control = true\n'),),
    ),
    Broken(
        "weight_of_zero",
        (("design.arms.0.allocation_weight", "at least 1, got 0"),),
        edits=(('name = "ips"\nallocation_weight = 1', 'name = "ips"\nallocation_weight = 0'),),
    ),
    Broken(
        "estimand_of_an_unknown_arm",
        (("analysis.estimand.control", 'did you mean "control"? arms: ips, control'),),
        edits=(('control = "control"', 'control = "kontrol"'),),
    ),
    Broken(
        "treatment_is_the_control_arm",
        (("analysis.estimand.treatment", "must not be the control arm"),),
        edits=(('treatment = "ips"', 'treatment = "control"'),),
    ),
    Broken(
        "block_size_against_the_weights",
        (("design.randomisation.block_sizes.1", "multiple of 2, the sum of the allocation weights, got 5"),),
        edits=(("block_sizes = [4]", "block_sizes = [4, 5]"),),
    ),
    Broken(
        "unequal_allocation_in_a_scheme_for_equal_arms",
        (("design.randomisation", "defined for equal allocation to two arms only, got 2:1"),),
        edits=(
            ('name = "ips"\nallocation_weight = 1', 'name = "ips"\nallocation_weight = 2'),
            ('kind = "stratified_permuted_block"', 'kind = "big_stick"'),
            ("block_sizes = [4]", "maximum_tolerated_imbalance = 3"),
            ('leftovers = "truncate"', ""),
        ),
    ),
    Broken(
        "urn_without_balls",
        (("design.randomisation", "alpha and beta must not both be 0"),),
        edits=(
            ('kind = "stratified_permuted_block"', 'kind = "urn"'),
            ("block_sizes = [4]", "beta = 0"),
            ('leftovers = "truncate"', ""),
        ),
    ),
    Broken(
        "coin_against_balance",
        (("design.randomisation.p", "at least 0.5, got 0.4"),),
        edits=(
            ('kind = "stratified_permuted_block"', 'kind = "biased_coin"'),
            ("block_sizes = [4]", "p = 0.4"),
            ('leftovers = "truncate"', ""),
        ),
    ),
    Broken(
        "no_block_sizes",
        (("design.randomisation.block_sizes", "at least 1"),),
        edits=(("block_sizes = [4]", "block_sizes = []"),),
    ),
    Broken(
        "unknown_stratification_factor",
        (("design.randomisation.factors.0", 'did you mean "age"?'),),
        edits=((_AGE_FACTORS, 'factors = ["agee", "sex"]\nblock_sizes'),),
    ),
    Broken(
        "stratification_factor_twice",
        (("design.randomisation.factors", '"sex" more than once'),),
        edits=((_AGE_FACTORS, 'factors = ["sex", "age", "sex"]\nblock_sizes'),),
    ),
    Broken(
        "unknown_subgroup",
        (("analysis.subgroups.1", "factors: age, sex, social_assistance"),),
        edits=(("subgroups = [", 'subgroups = ["sex", "county"] # ['),),
    ),
    Broken(
        "unknown_factor_of_an_estimator",
        (("analysis.estimators.1.factors.2", 'did you mean "social_assistance"?'),),
        edits=(
            (
                'factors = ["age", "sex", "social_assistance"]\nvariance',
                'factors = ["age", "sex", "social_assistence"]\nvariance',
            ),
        ),
    ),
    Broken(
        "estimator_twice",
        (("analysis.estimators.2", "must not have the name of an earlier one"),),
        edits=(
            (
                "[simulation]",
                '[[analysis.estimators]]\nkind = "difference_in_proportions"\n'
                'variance = "unpooled"\n\n[simulation]',
            ),
        ),
    ),
    Broken(
        "unknown_interaction_factor",
        (("analysis.interactions.1.factor", '"gender" is not a factor'),),
        edits=(('factor = "sex"', 'factor = "gender"'),),
    ),
    Broken(
        "unknown_interaction_level",
        (("analysis.interactions.0.level", "levels: under_20, 20_to_23, 24_plus"),),
        edits=(('level = "24_plus"', 'level = "over_30"'),),
    ),
    Broken(
        "interaction_of_a_level_with_itself",
        (("analysis.interactions.1.reference", 'must differ from level, got "men"'),),
        edits=(('level = "women", reference = "men"', 'level = "men", reference = "men"'),),
    ),
    Broken(
        "interaction_twice",
        (("analysis.interactions.1", "repeat"),),
        edits=(
            (
                '  { factor = "sex", level = "women", reference = "men" },\n',
                '  { factor = "age", level = "24_plus", reference = "under_20" },\n',
            ),
        ),
    ),
    Broken(
        "unknown_strategy",
        (("analysis.estimand.intercurrent_events.0.strategy", 'did you mean "treatment policy"?'),),
        edits=(
            (
                'month 12", strategy = "treatment policy"',
                'month 12", strategy = "treatment polisy"',
            ),
        ),
    ),
    Broken(
        "negative_month",
        (("analysis.estimand.month", "at least 0, got -12"),),
        edits=(("\nmonth = 12", "\nmonth = -12"),),
    ),
)

_ASSUMPTIONS = (
    Broken(
        "percentages_for_proportions",
        (("assumptions.outcome.control_risk", "must be between 0 and 1, got 39; write 0.39"),),
        edits=(("value = 0.395\nlow = 0.36\nhigh = 0.44", "value = 39\nlow = 36\nhigh = 44"),),
    ),
    Broken(
        "percentage_beside_a_range_of_proportions",
        (("assumptions.outcome.control_risk", "low <= value <= high, got 0.36, 39, 0.44; write 0.39"),),
        edits=(("value = 0.395", "value = 39"),),
    ),
    Broken(
        "percentage_points_for_an_effect",
        (("assumptions.outcome.effect", "must be between -1 and 1, got 7.5; write 0.075"),),
        edits=(("value = 0.075\nlow = 0.035\nhigh = 0.13", "value = 7.5\nlow = 3.5\nhigh = 13"),),
    ),
    Broken(
        "risk_as_text",
        (("assumptions.outcome.control_risk.value", 'a number, got "39 %"'),),
        edits=(("value = 0.395", 'value = "39 %"'),),
    ),
    Broken(
        "risk_as_a_truth_value",
        (("assumptions.outcome.control_risk.value", "a number, got true"),),
        edits=(("value = 0.395", "value = true"),),
    ),
    Broken(
        "risk_not_a_number",
        (("assumptions.outcome.control_risk.value", "finite number, got nan"),),
        edits=(("value = 0.395", "value = nan"),),
    ),
    Broken(
        "infinite_end_of_a_range",
        (("assumptions.cohort.services.agder.high", "finite number, got inf"),),
        edits=(
            (
                'agder = "@evidence.county_services.Agder.services"',
                'agder = { value = 2, high = inf, assumed = "open-ended" }',
            ),
        ),
    ),
    Broken(
        "size_with_a_negative_low",
        (("assumptions.cohort.services.agder", "above 0, got -5"),),
        edits=(
            (
                'agder = "@evidence.county_services.Agder.services"',
                'agder = { value = 2, low = -5, assumed = "a guess" }',
            ),
        ),
    ),
    Broken(
        "size_of_zero",
        (("assumptions.cohort.factors.1.sizes.0", "above 0, got 0"),),
        edits=(('"@evidence.pop_men"', "0"),),
    ),
    Broken(
        "one_size_too_few",
        (("assumptions.cohort.factors.0", "one size a level, got 2 for 3 levels"),),
        edits=((', "@evidence.pop_age_24_plus"', ""),),
    ),
    Broken(
        "level_twice",
        (
            ("assumptions.cohort.factors.1", "levels must differ, got men, men"),
            ("analysis.interactions.1.level", '"women" is not a level'),
        ),
        edits=(('levels = ["men", "women"]', 'levels = ["men", "men"]'),),
    ),
    Broken(
        "unknown_evidence_id",
        (("assumptions.cohort.factors.1.sizes.1", 'did you mean "pop_women"?'),),
        edits=(("@evidence.pop_women", "@evidence.pop_woman"),),
    ),
    Broken(
        "unknown_evidence_id_in_a_list",
        (("evidence.recommendation.0", 'did you mean "rec_randomise"?'),),
        edits=(('"rec_randomise"', '"rec_randomize"'),),
    ),
    Broken(
        "evidence_with_only_a_range",
        (("assumptions.cohort.factors.1.sizes.0", "fig1_month0 states only the range 38 to 40"),),
        edits=(("@evidence.pop_men", "@evidence.fig1_month0"),),
    ),
    Broken(
        "evidence_with_only_a_range_from_zero",
        (("assumptions.cohort.factors.1.sizes.0", "fig6_under20_m20 states only the range 0 to 2"),),
        edits=(("@evidence.pop_men", "@evidence.fig6_under20_m20"),),
    ),
    Broken(
        "value_against_its_evidence",
        (
            (
                "assumptions.outcome.control_risk",
                "is not what reme.proportion_month_12.control states (0.271 proportion)",
            ),
        ),
        edits=(
            ('"fig1_month0", "fig1_pre_level"', '"reme.proportion_month_12.control"'),
            ('assumed = "employment stays', '# "employment stays'),
        ),
    ),
    Broken(
        "assumption_without_a_reason",
        (("assumptions.outcome.control_risk", 'say "assumed" with a reason'),),
        edits=(
            ('evidence = ["fig1_month0", "fig1_pre_level"]', ""),
            ('assumed = "employment stays', '# "employment stays'),
        ),
    ),
    Broken(
        "assumption_with_a_blank_reason",
        (("assumptions.outcome.control_risk", 'say "assumed" with a reason'),),
        edits=(
            ('evidence = ["fig1_month0", "fig1_pre_level"]', ""),
            ('assumed = "employment stays', 'assumed = "  " # "employment stays'),
        ),
    ),
    Broken(
        "range_above_its_value",
        (("assumptions.outcome.control_risk", "low <= value <= high, got 0.4, 0.395, 0.44"),),
        edits=(("low = 0.36", "low = 0.4"),),
    ),
    Broken(
        "risk_and_effect_above_one",
        (
            (
                "assumptions.outcome",
                "got 1.045 for age under_20, sex men, social_assistance no_history and 11 more",
            ),
        ),
        edits=(("value = 0.075\nlow = 0.035\nhigh = 0.13", "value = 0.65"),),
    ),
    Broken(
        "shift_of_an_unknown_factor",
        (("assumptions.outcome.effect_shift.gender", "factors: age, sex, social_assistance"),),
        edits=(("[analysis]\n", _OUTCOME_SHIFT.format("gender", "men = 0.01")),),
    ),
    Broken(
        "shift_of_an_unknown_level",
        (("assumptions.outcome.effect_shift.sex.man", 'did you mean "men"?'),),
        edits=(("[analysis]\n", _OUTCOME_SHIFT.format("sex", "man = 0.01")),),
    ),
    Broken(
        "faults_in_every_section",
        (
            ("design.n_participants", "whole number"),
            ("design.randomisation.block_sizes.0", "multiple of 2"),
            ("assumptions.outcome.control_risk", "write 0.39"),
            ("assumptions.cohort.cell_sizes", "random"),
            ("analysis.significance_level", "less than 1"),
            ("analysis.subgroups.0", "factor"),
            ("simulation.seed", "at least 0"),
            ("simulation.replicate", 'did you mean "replicates"?'),
            ("evidence.recruitment.0", "evidence id"),
        ),
        edits=(
            ("n_participants = 1320", "n_participants = 13.20"),
            ("block_sizes = [4]", "block_sizes = [3]"),
            ("value = 0.395\nlow = 0.36\nhigh = 0.44", "value = 39"),
            ('cell_sizes = "random"', 'cell_sizes = "randomly"'),
            ("significance_level = 0.05", "significance_level = 5"),
            ("subgroups = [", 'subgroups = ["county"] # ['),
            ("seed = 20240101", "seed = -20240101"),
            ("replicates = 100000", "replicate = 100000"),
            ('"recruitment_per_month_register"', '"recruitment"'),
        ),
    ),
)

_BLOCKS = """kind = "stratified_permuted_block"
factors = ["age", "sex", "social_assistance"]
block_sizes = [4]
leftovers = "truncate"
"""
_SERVICES = IPS_UNG[IPS_UNG.index("[assumptions.cohort.services]") : IPS_UNG.index("[assumptions.outcome]")]
_OPENINGS = "[assumptions.cohort.openings]\n{}\n\n[assumptions.outcome]\n"
_TWO_TO_ONE = ('name = "ips"\nallocation_weight = 1', 'name = "ips"\nallocation_weight = 2')


def _randomised(text: str) -> tuple[str, str]:
    return (_BLOCKS, text + "\n")


_SCHEMES = (
    Broken(
        "unequal_arms_under_a_scheme_for_equal_ones",
        (("design.randomisation", "two arms of equal weight, got weights 2, 1"),),
        edits=(_randomised('kind = "d_optimal_biased_coin"\nfactors = ["age"]'), _TWO_TO_ONE),
    ),
    Broken(
        "unequal_matched_pairs",
        (("design.randomisation", "two arms of equal weight, got weights 2, 1"),),
        edits=(_randomised('kind = "matched_pairs"'), _TWO_TO_ONE),
    ),
    Broken(
        "odd_number_of_services_in_pairs",
        (("design.randomisation", "even number of services, got 47"),),
        edits=(_randomised('kind = "matched_pairs"'),),
    ),
    Broken(
        "county_without_pair",
        (("design.randomisation", "odd in more_og_romsdal (3), innlandet (5)"),),
        edits=(_randomised('kind = "matched_pairs"\npairs_by = "county"'),),
    ),
    Broken(
        "clusters_without_services",
        (("design.randomisation", 'give the cohort "services"'),),
        edits=(_randomised('kind = "cluster"'), (_SERVICES, "")),
    ),
    Broken(
        "fewer_services_than_arms_take",
        (("design.randomisation", "at least 2 counties for an allocation of 1:1, got 1"),),
        edits=(
            _randomised('kind = "cluster"\nunit = "county"'),
            (_SERVICES, "[assumptions.cohort.services]\noslo = 5\n\n"),
        ),
    ),
    Broken(
        "more_steps_than_services",
        (("design.randomisation", "at least 48 services to cross over"),),
        edits=(_randomised('kind = "stepped_wedge"\nsteps = 48'),),
    ),
    Broken(
        "stepped_wedge_with_the_control_arm_first",
        (
            ("design.arms", "must list the control arm last"),
            ("analysis.estimand.control", "control arm"),
            ("analysis.estimand.treatment", "must not be the control arm"),
        ),
        edits=(
            _randomised('kind = "stepped_wedge"\nsteps = 4'),
            ("is_control = true", "is_control = false"),
            ('name = "ips"\n', 'name = "ips"\nis_control = true\n'),
        ),
    ),
    Broken(
        "coin_below_the_smallest_share",
        (("design.randomisation", "probability must be at least 0.5"),),
        edits=(_randomised('kind = "minimisation"\nfactors = ["age"]\nprobability = 0.4'),),
    ),
    Broken(
        "minimisation_of_unknown_factors",
        (("design.randomisation.factors.0", 'did you mean "age"?'),),
        edits=(_randomised('kind = "minimisation"\nfactors = ["agee", "service"]'),),
    ),
    Broken(
        "weights_that_do_not_fit_the_factors",
        (("design.randomisation", "one weight a factor, got 2 for 1 factors"),),
        edits=(_randomised('kind = "minimisation"\nfactors = ["age"]\nfactor_weights = [1, 2]'),),
    ),
    Broken(
        "rerandomisation_without_a_limit",
        (("design.randomisation", "either acceptance or limit"),),
        edits=(_randomised('kind = "rerandomisation"\nfactors = ["age"]'),),
    ),
    Broken(
        "test_of_whole_services_where_participants_are_randomised",
        (("analysis.estimators.0", "needs every service or county in one arm"),),
        changes=('analysis.estimators=[{kind="cluster_means"}]',),
    ),
    Broken(
        "test_of_whole_counties_where_services_are_randomised",
        (("analysis.estimators.0", "needs every county in one arm"),),
        edits=(_randomised('kind = "cluster"'),),
        changes=('analysis.estimators=[{kind="cluster_means", unit="county"}]',),
    ),
    Broken(
        "service_that_never_opens",
        (("assumptions.cohort.openings", "or a service never opens: oslo"),),
        edits=(("[assumptions.outcome]\n", _OPENINGS.format("oslo = 1.0")),),
    ),
    Broken(
        "no_service_open_at_the_start",
        (("assumptions.cohort.openings", "none opens at 0"),),
        edits=(
            (_SERVICES, "[assumptions.cohort.services]\noslo = 5\n\n"),
            ("[assumptions.outcome]\n", _OPENINGS.format("oslo = 0.2")),
        ),
    ),
    Broken(
        "opening_of_an_unknown_county",
        (("assumptions.cohort.openings", 'did you mean "oslo"?'),),
        edits=(("[assumptions.outcome]\n", _OPENINGS.format("osslo = 0.2")),),
    ),
    Broken(
        "part_of_a_service",
        (("assumptions.cohort.services", "agder must have a whole number of services, got 2.5"),),
        changes=("assumptions.cohort.services.agder=2.5",),
    ),
    Broken(
        "services_alike_without_services",
        (("assumptions.outcome.service_icc", 'needs the cohort\'s "services"'),),
        edits=((_SERVICES, ""),),
        changes=("assumptions.outcome.service_icc=0.05",),
    ),
    Broken(
        "services_all_alike",
        (("assumptions.outcome", "service_icc must be below 1, got 1"),),
        changes=("assumptions.outcome.service_icc=1.0",),
    ),
)

_OVERRIDES = (
    Broken(
        "override_beyond_a_list",
        (("design.arms.9.name", "cannot be set"),),
        changes=('design.arms.9.name="x"',),
    ),
    Broken(
        "override_inside_a_number",
        (("design.n_participants.total", "cannot be set"),),
        changes=("design.n_participants.total=3",),
    ),
    Broken(
        "override_at_a_digit_that_is_no_number",
        (("design.arms.².name", "cannot be set"),),
        changes=('design.arms.².name="x"',),
    ),
    Broken(
        "override_of_a_misspelt_key",
        (("design.n_participant", 'did you mean "n_participants"?'),),
        changes=("design.n_participant=1000",),
    ),
    Broken(
        "override_without_a_value",
        (("design.n_participants", "must look like path=value"),),
        changes=("design.n_participants",),
    ),
    Broken(
        "two_overrides_without_values",
        (("design.n_participants", "must look like path=value"), ("name", "must look like path=value")),
        changes=("design.n_participants", "name"),
    ),
    Broken(
        "override_and_file",
        (("analysis.sides", "must be 1 or 2"), ("simulation.seed", "at least 0")),
        edits=(("sides = 2", "sides = 0"),),
        changes=("simulation.seed=-1",),
    ),
)

BROKEN = (*_FILES, *_KEYS_AND_TYPES, *_DESIGN_AND_ANALYSIS, *_ASSUMPTIONS, *_SCHEMES, *_OVERRIDES)
