"""Power by size and the sizes found."""

from __future__ import annotations

from ipsrct._language import language
from ipsrct.report.content.sizes import sizes
from ipsrct.report.text import Estimate, plain
from tests.report.content.items import changed, rows, said, tables


def test_the_grid_has_every_size_and_population_with_its_error(results):
    found = tables(sizes(results))
    grids = [found["power-by-size-1"], found["power-by-size-2"], found["power-by-analysis"]]
    sizes_simulated = {row["at"]["design.n_participants"].value for row in results["curve"]["points"]}
    for grid in grids:
        assert len(grid.rows) == len(sizes_simulated)
        cells = [cell for row in grid.rows for cell in row[1:]]
        assert all(isinstance(cell, Estimate) and cell.error.value > 0 for cell in cells)
        assert all(c.error.pointer == c.number.pointer.replace("power", "mc_standard_error") for c in cells)
    populations = sum(len(grid.columns) - 1 for grid in grids[:2])
    assert populations == len(results["scenario"]["populations"])


def test_cells_of_the_grid_belong_to_their_row_and_column(results):
    found = tables(sizes(results))["power-by-size-1"]
    headings = [plain(column, language("en")) for column in found.columns]
    at = {row[0]: dict(zip(headings, row, strict=True)) for row in rows(found)}
    point = next(
        row
        for row in results["curve"]["points"].rows(
            estimator="difference_in_proportions_unpooled", population="sex:women"
        )
        if row["at"]["design.n_participants"].value == 1518
    )
    assert at["1,518"]["sex: women"].startswith(f"{100 * point['power'].value:.1f} (")


def test_many_populations_are_spread_over_tables(results):
    populations = results["scenario"]["populations"].value
    left = changed(results, scenario__populations=[*populations, populations[1]])
    found = tables(sizes(left))
    assert len(found["power-by-size-1"].columns) == 9
    assert [plain(column, language("en")) for column in found["power-by-size-2"].columns] == [
        "Participants",
        "age: under 20",
    ]
    assert len(found["power-by-size-3"].columns) == 4


def test_sizes_by_analysis_with_intervals_and_method(results):
    found = tables(sizes(results))
    first = {row[0]: row[1:] for row in rows(found["sizes-1"])}
    assert first["everybody"] == ["1,358", "1,828", "exact: every possible trial is counted"]
    assert first["sex: men"] == ["1,164 (1,146 to 1,182)", "1,546 (1,520 to 1,574)", "simulated"]
    adjusted = {row[0]: row[1:] for row in rows(found["sizes-3"])}
    assert adjusted["everybody"][0] == "1,152 (1,134 to 1,170)"


def test_what_needs_most_is_named(results):
    assert (
        "the trial needs 123,854 participants. The population “social assistance: history” needs most"
        in said(sizes(results))
    )


def test_exact_and_formula_stand_side_by_side(results):
    found = rows(tables(sizes(results))["sizes-formula"])
    assert [[row[0], *row[2:]] for row in found] == [
        ["80%", "1,358", "80.01", "1,364", "80.15"],
        ["90%", "1,828", "90.03", "1,824", "89.95"],
    ]
    assert "normally distributed with a known variance" in said(sizes(results))


def test_a_population_without_a_size_says_why(results):
    index = next(
        i
        for i, row in enumerate(results["sizing"]["answers"])
        if row["population"].value == "sex:women" and row["target_power"].value == 0.8
    )
    left = changed(
        results,
        **{
            f"sizing__answers__{index}__n_total": False,
            f"sizing__answers__{index}__note": "the effect is zero",
            "sizing__binding__0__n_total": False,
            "sizing__binding__0__population": "sex:women",
        },
    )
    left.value["sizing"]["answers"][index]["n_total"] = None
    left.value["sizing"]["binding"][0]["n_total"] = None
    text = said(sizes(left))
    assert "sex: women | no size: the effect is zero |" in text
    assert "No size gives 80% power in every population. In the population “sex: women” none does." in text


def test_sizes_in_bokmal(results):
    space = "\N{NO-BREAK SPACE}"
    assert f"1{space}152 (1{space}134 til 1{space}170)" in said(sizes(results), "nb")
