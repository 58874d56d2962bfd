"""Faults, errors and usage in Bokmål: complete, and with the exit codes that English has."""

from __future__ import annotations

import ast
import json
import math
import pickle
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ipsrct
from ipsrct import NotAvailableError, ScenarioError, packaged_scenarios, read_scenario, simulate, size
from ipsrct._foreign_words import _TEMPLATES, recognised
from ipsrct._language import language
from ipsrct._message import Message
from ipsrct._reading import read_with_changes, scenario_from_document
from ipsrct.cli import main
from ipsrct.errors import Fault
from tests.broken_scenarios import BROKEN, Broken

BOKMAL = language("nb")
each_broken = pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
# Values that are text of the file, of a path or of a number, by the names they have in templates.
RAW = {
    *("ge", "gt", "le", "lt", "actual_length", "min_length"),
    *("given", "name", "key", "kind", "id", "cell", "counties", "levels", "chain", "file", "origin", "near"),
    *("choices", "kinds", "others", "last", "only", "control", "level", "weights", "ratio", "allocation"),
    *(
        "value",
        "low",
        "high",
        "risk",
        "number",
        "prefix",
        "county",
        "size",
        "least",
        "most",
        "line",
        "column",
    ),
    *("n", "unit", "character", "route"),
}


def _left_in_english(text: object, name: str = "") -> list[str]:
    """Return every text in a message that Bokmål does not know and that is not a value of the file."""
    if not isinstance(text, Message):
        return [f"{name}: {text}"] if isinstance(text, str) and text and name not in RAW else []
    inside = [left for key, value in text.values.items() for left in _left_in_english(value, key)]
    return inside + ([] if text.template in BOKMAL.catalogue else [text.template])


def _faults(broken: Broken, folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ScenarioError) as caught:
        read_with_changes(broken.write(folder), broken.changes, {})
    return caught.value.faults


@each_broken
def test_every_fault_is_known_in_bokmal(broken: Broken, tmp_path: Path) -> None:
    for fault in _faults(broken, tmp_path):
        assert isinstance(fault.message, Message), fault
        assert _left_in_english(fault.message) == []
        assert not set(BOKMAL.say(fault.message).split()) & {"must", "got", "the", "is", "needs", "did", "in"}


SAID = {"Fault": 1} | dict.fromkeys(
    ("ValueError", "NotAvailableError", "RunError", "EvidenceError", "IpsrctError", "BadParameter"), 0
)
"""Which argument of a call is a text for people."""
IN_ENGLISH = {
    *("predictability", "sequences", "_parts"),
    *("detectable", "sizing", "_assurance", "_frontier", "_levers", "proportions/sample_size"),
    *("diagnostics/bias", "diagnostics/plan", "diagnostics/predictability", "evidence/published"),
    *("lists/formats", "lists/given", "list_commands", "register_commands"),
    *("register/calibration", "register/evaluation", "register/measures_calibration"),
    *("register/misreporting", "register/parameters", "register/phases", "register/records"),
    *("report/layout", "report/writing"),
    "validation/cases",
}
"""Modules that say something in English alone: to callers in Python, or of lists, registers and cases."""


def _is_english(node: ast.AST) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_english(node.body) or _is_english(node.orelse)
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != ""
    )


def _said_in_english(path: Path) -> list[str]:
    """Return the texts of exceptions, faults and reasons in a module that are no messages."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found += [arg for i, arg in enumerate(node.args) if i == SAID.get(name) and _is_english(arg)]
        elif isinstance(node, ast.FunctionDef) and "why_no" in node.name:
            returned = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value]
            found += [value for value in returned if _is_english(value)]
    return [ast.unparse(node) for node in found]


def test_no_other_module_says_something_in_english_alone() -> None:
    package = Path(ipsrct.__file__).parent
    modules = {path.relative_to(package).with_suffix("").as_posix(): path for path in package.rglob("*.py")}
    found = {name: texts for name, path in modules.items() if (texts := _said_in_english(path))}
    assert {name: texts for name, texts in found.items() if name not in IN_ENGLISH} == {}
    assert IN_ENGLISH - found.keys() == set()


WORDS = {
    "toml_syntax": "fil: er ikke gyldig TOML: ugyldig verdi (linje 11, kolonne 18)",
    "negative_n": "design.n_participants: må være minst 2, men er -1320",
    "misspelt_choice": "analysis.estimators.1.variance: må være HC0, HC1, HC2 eller HC3, "
    'men er "HC4"; mente du "HC3"?',
    "misspelt_key": "design.randomisation.leftover: er ikke en gyldig nøkkel her; "
    'mente du "leftovers"? nøkler: block_sizes, kind, factors, leftovers',
    "estimand_of_an_unknown_arm": 'analysis.estimand.control: "kontrol" er ikke en studiearm; '
    'mente du "control"? studiearmer: ips, control',
    "no_control_arm": "design.arms: nøyaktig én studiearm må ha is_control = true, men det har ingen",
    "percentages_for_proportions": "assumptions.outcome.control_risk: value må være mellom 0 og 1, "
    "men er 39; skriv 0.39",
    "evidence_with_only_a_range": "assumptions.cohort.factors.1.sizes.0: fig1_month0 oppgir bare spennet "
    '38 til 40 prosent; sett "value", og gi en begrunnelse i "assumed"',
    "risk_and_effect_above_one": "assumptions.outcome: risikoen i intervensjonsgruppen må være mellom "
    "0 og 1, men er 1.045 for age under_20, sex men, social_assistance no_history og i 11 celler til",
    "test_of_whole_services_where_participants_are_randomised": "analysis.estimators.0: krever at hver "
    "tjeneste eller hvert fylke er i én studiearm, men randomiseringsenheten er deltaker",
    "override_without_a_value": "design.n_participants: må ha formen sti=verdi",
}


@pytest.mark.parametrize(("name", "line"), WORDS.items(), ids=WORDS)
def test_the_command_says_faults_in_bokmal(
    name: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = next(b for b in BROKEN if b.name == name)
    source = broken.write(tmp_path)
    changes = [word for change in broken.changes for word in ("--set", change)]
    with pytest.raises(SystemExit) as stopped:
        main(["--lang", "nb", "check", source, *changes])
    assert stopped.value.code == 3
    assert capsys.readouterr().err == f"{source}: 1 feil\n  {line}\n"


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    out, err = capsys.readouterr()
    return stopped.value.code, out, err


USAGE = [
    (("simulate", "ips_ung", "--jobs", "0"), "Ugyldig verdi for '--jobs': 0 er utenfor x>=1."),
    (("simulate", "ips_ung", "--jobs", "two"), "Ugyldig verdi for '--jobs': 'two' er ikke et heltall."),
    (("size",), "Argumentet 'SCENARIO' mangler."),
    (("simulate", "ips_ung", "more"), "Uventet argument (more)."),
    (
        ("example", "ips_ugn"),
        'Ugyldig verdi: "ips_ugn" er ikke et medfølgende scenario; mente du "ips_ung"? ',
    ),
    (
        ("size", "ips_ung", "--power", "0.05"),
        "Ugyldig verdi for --power: må være større enn signifikansnivået",
    ),
    (
        ("curve", "ips_ung", "--figure", "curve.gif"),
        "Ugyldig verdi: curve.gif: må slutte på .png eller .svg eller .pdf",
    ),
    (
        ("simulate", "ips_ung", "--route", "exactt"),
        '"exactt" er ikke en beregningsvei; mente du "exact"? beregningsveier: exact, counts, individual',
    ),
    (("report", "ips_ung", "--to", "doc"), "Ugyldig verdi for '--to': \"doc\" er ikke et format; formater: "),
]


@pytest.mark.parametrize(("arguments", "words"), USAGE, ids=[" ".join(a) for a, _ in USAGE])
def test_usage_in_bokmal_has_the_exit_code_of_english(arguments, words, capsys) -> None:
    code, out, english = _run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "Error: " in english
    assert _run(capsys, "--lang", "nb", *arguments)[0] == 2
    _, out, err = _run(capsys, "--lang", "nb", *arguments)
    assert out == ""
    assert f"Feil: {words}" in err
    assert "Error" not in err
    assert "Usage" not in err


def test_errors_of_a_run_are_known_in_bokmal() -> None:
    minimised = {"design.randomisation": {"kind": "minimisation", "factors": ["sex"]}}
    whole = {"design.randomisation": {"kind": "cluster"}, "analysis.estimators": [{"kind": "cluster_means"}]}
    trial = read_scenario("ips_ung", minimised)
    services = read_scenario("ips_ung_cells", whole | {"assumptions.outcome.service_icc": 0.05})
    for call in (
        lambda: simulate(trial, route="exact"),
        lambda: simulate(services, route="counts"),
        lambda: size(services),
        lambda: size(trial.with_changes({"design.n_participants": [100, 200]})),
        lambda: size(trial, joint=[["all", "sex:man"]]),
    ):
        with pytest.raises(NotAvailableError) as caught:
            call()
        said = caught.value.args[0]
        assert isinstance(said, Message)
        assert _left_in_english(said) == []


def test_the_environment_sets_the_language_and_the_option_comes_before_it(capsys, monkeypatch) -> None:
    monkeypatch.setenv("IPSRCT_LANG", "nb")
    assert _run(capsys, "check", "nope")[2].startswith("nope: 1 feil\n")
    assert _run(capsys, "--lang", "en", "check", "nope")[2].startswith("nope: 1 fault\n")
    assert _run(capsys, "report", "nope", "--lang", "en", "--out", "o")[2].startswith("nope: 1 feil\n")
    monkeypatch.setenv("IPSRCT_LANG", "no")
    code, _, err = _run(capsys, "check", "nope")
    assert code == 2
    assert "'no' is not one of 'en', 'nb'" in err


def test_messages_of_a_report_have_its_first_language_where_none_is_asked_for(capsys, tmp_path) -> None:
    report = ("report", "nope", "--out", str(tmp_path / "new"))
    assert "1 fault" in _run(capsys, *report)[2]
    assert "1 feil" in _run(capsys, *report, "--lang", "nb", "--lang", "en")[2]
    assert "1 fault" in _run(capsys, *report, "--lang", "en", "--lang", "nb")[2]
    assert "1 fault" in _run(capsys, "--lang", "en", *report, "--lang", "nb")[2]
    assert "1 fault" in _run(capsys, *report)[2]


def test_a_run_that_is_stopped_says_so_in_bokmal(capsys, monkeypatch) -> None:
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ipsrct.characteristics.simulate", stop)
    assert _run(capsys, "--lang", "nb", "simulate", "ips_ung") == (130, "", "\nStoppet.\n")


def test_babel_is_imported_for_bokmal_only() -> None:
    """Help and English faults do not wait for it."""
    script = (
        "import sys\nfrom ipsrct.cli import main\n"
        "for words in (['--help'], ['check', 'nope'], ['--lang', 'nb', 'check', 'nope']):\n"
        "    try: main(words)\n    except SystemExit: print('babel' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert [line for line in done.stdout.splitlines() if line in ("True", "False")] == [
        "False",
        "False",
        "True",
    ]


def test_messages_survive_the_way_between_processes(tmp_path) -> None:
    broken = next(b for b in BROKEN if b.name == "misspelt_kind")
    with pytest.raises(ScenarioError) as caught:
        read_scenario(broken.write(tmp_path))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.faults, copy.origin) == (
        str(caught.value),
        caught.value.faults,
        caught.value.origin,
    )
    assert BOKMAL.say(copy.faults[0].message) == BOKMAL.say(caught.value.faults[0].message)


def test_json_stays_english(capsys, tmp_path) -> None:
    broken = next(b for b in BROKEN if b.name == "faults_in_every_section")
    source = broken.write(tmp_path)
    _, english, _ = _run(capsys, "check", source, "--json")
    _, bokmal, err = _run(capsys, "--lang", "nb", "check", source, "--json")
    assert json.loads(bokmal) == json.loads(english)
    assert "må være minst 0" in err


def test_what_others_say_is_recognised_as_it_stands() -> None:
    """Every template fits its own wording, gives it back unchanged, and no earlier template takes it."""
    for template in _TEMPLATES:
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name]
        text = template.format(**{name: f"<{name}>" for name in names})
        found = recognised(text)
        assert isinstance(found, Message)
        assert (found, found.template) == (text, template)
    assert type(recognised("something else")) is str


VALUES = st.one_of(
    st.sampled_from([None, True, -1, 0, 0.5, 7.5, 2**70, math.inf, math.nan, "", "x", "0,5", "@evidence.x"]),
    st.sampled_from(
        [[], {}, [{}], ["a", "b"], [1, 2], {"value": 1}, {"kind": "x"}, {"value": 0.1, "low": 2}]
    ),
)


def _leaves(node, path=()):
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from _leaves(value, (*path, str(key)))


DOCUMENTS = {name: read_scenario(name).document for name in packaged_scenarios()}


def _say_faults(data) -> None:
    name = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    path = ".".join(data.draw(st.sampled_from(list(_leaves(DOCUMENTS[name])))))
    try:
        scenario_from_document(DOCUMENTS[name], {path: data.draw(VALUES)}, name)
    except ScenarioError as error:
        for fault in error.faults:
            assert isinstance(fault.message, Message), fault
            assert _left_in_english(fault.message) == [], fault


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_wrong_with_a_file_is_said_in_bokmal(data) -> None:
    """Any value at any place of any packaged scenario: no fault that Bokmål does not know in full."""
    _say_faults(data)


@pytest.mark.long
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_wrong_with_a_file_is_said_in_bokmal_at_length(data) -> None:
    _say_faults(data)


def test_a_number_too_long_for_the_machine_is_said_too() -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario_from_document(DOCUMENTS["ips_norway"], {"analysis.sides": 2**70}, "ips_norway")
    (fault,) = caught.value.faults
    assert BOKMAL.say(fault.message) == f"må være et tall med høyst 18 sifre, men er {2**70}"
