"""Reports in a real browser: every panel filled, nothing loaded, no complaint, and answers to clicks and keys."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evo_nas.reporting import write_report
from experiments.made_up_run import Size, make_run
from tests.browser.browsing import DESKTOP, PHONE, Visit, serious_violations, visit

pytestmark = pytest.mark.browser

Reports = Callable[[int], Path]

PANELS = ("fitness", "diversity", "operators", "gene-gains", "failures", "stream", "importance", "parallel", "spent",
          "generation-seconds", "outlook")  # fmt: skip
OF_TWO_OBJECTIVES = ("front", "hypervolume")

FILLED = """id => {
  const panel = document.getElementById(id);
  if (!panel) return "is not there";
  const box = panel.getBoundingClientRect();
  if (box.height < 60 || box.width < 200) return `is ${box.width} x ${box.height}`;
  const drawings = [...panel.querySelectorAll("canvas")];
  const pixels = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const blank = (canvas) => !pixels(canvas).some((value) => value);
  if (drawings.length && drawings.every(blank)) return "is blank";
  const body = panel.querySelector(".panel-body");
  return body && !body.querySelector("canvas, svg, td, p") ? "is empty" : "";
}"""


def panels_of(individuals: int) -> tuple[str, ...]:
    return PANELS + OF_TWO_OBJECTIVES if individuals == 2_000 else PANELS


def unfilled(found: Visit, panels: tuple[str, ...]) -> dict[str, str]:
    troubles = {panel: found.evaluate(FILLED, panel) for panel in (*panels, "tree-canvas")}
    return {panel: trouble for panel, trouble in troubles.items() if trouble}


def overflows(found: Visit) -> bool:
    return bool(found.evaluate("() => document.documentElement.scrollWidth > innerWidth + 1"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    "individuals",
    [50, pytest.param(2_000, marks=pytest.mark.slow), pytest.param(10_000, marks=pytest.mark.slow)],
)
def test_every_panel_is_filled(
    browser: Any, report: Reports, individuals: int, size: tuple[int, int], dark: bool
) -> None:
    with visit(browser, report(individuals), size=size, dark=dark) as found:
        assert unfilled(found, panels_of(individuals)) == {}
        assert found.page.is_hidden("#trouble")
        assert not overflows(found)
        assert f"{individuals:,} of {individuals:,} individuals shown" in found.text("#tree-panel")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_without_javascript_the_picture_and_the_tables_are_shown(
    browser: Any, report: Reports, size: tuple[int, int]
) -> None:
    with visit(browser, report(50), size=size, scripts=False) as found:
        assert found.page.is_visible("figure.static svg")
        assert found.page.locator("noscript p.notice").bounding_box() is not None
        assert found.page.is_visible("#tables table")
        assert found.page.is_hidden("#paid")
        assert found.page.is_visible("text=The winner’s line")
        assert found.page.locator("figure.static svg path").count() >= 3


def test_the_winner_is_shown_first_and_its_line_leads_to_others(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        best = found.evaluate("() => report.run.best")
        assert found.text("#chosen") == f"Individual {best}"
        first = found.page.locator("a.individual").first
        number = first.inner_text()
        first.click()
        assert found.text("#chosen") == f"Individual {number[1:]}"
        assert found.evaluate("() => location.hash") == f"#individual-{number[1:]}"


def test_a_click_on_a_node_shows_its_genes_network_curves_and_what_changed(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        child = found.evaluate(
            "() => report.run.parents.findIndex((p, i) => p.length === 1 && report.run.status[i] === 'ok'"
            " && report.run.replicate[i] === 0)"
        )
        spot = found.evaluate(
            """place => { const { tree } = report; const at = tree.graph.graph2ScreenCoords(tree.nodes[place].x,
            tree.nodes[place].y); const box = document.querySelector('#tree-canvas canvas').getBoundingClientRect();
            scrollTo(0, box.top + scrollY - 100); const now = document.querySelector('#tree-canvas canvas')
            .getBoundingClientRect(); return [now.left + at.x, now.top + at.y]; }""",
            child,
        )
        found.page.mouse.move(spot[0] + 1, spot[1] + 1)
        found.page.wait_for_selector(".tip:not([hidden])")
        found.page.mouse.click(*spot)
        found.page.wait_for_function(
            "id => document.getElementById('chosen')?.textContent === `Individual ${id}`", arg=child
        )
        told = found.text("aside.detail")
        for part in ("Parent", "Against", "Network", "Curves", "Layers", "Genes", "learning_rate", "roc_auc"):
            assert part in told
        assert found.page.locator("aside.detail svg.network rect").count() >= 3
        found.page.wait_for_selector("aside.detail canvas")


def test_what_changed_is_what_the_ledger_recorded(browser: Any, report: Reports) -> None:
    """The script tells it from the genomes; the run recorded it at birth."""
    path = report(50)
    with sqlite3.connect(path.parent / "run.db") as connection:
        rows = connection.execute("SELECT id, changes, parents FROM individual").fetchall()
    connection.close()
    recorded = {number: json.loads(changes) for number, changes, parents in rows if json.loads(parents)}
    script = """() => Object.fromEntries(report.run.id.filter((id, at) => report.run.parents[at].length).map((id) => {
      report.tree.select(report.run.place.get(id), false);
      const against = document.querySelector('.against');
      const rows = [...against.querySelectorAll('tbody tr')];
      return [id, rows.map((row) => [...row.cells].map((cell) => cell.textContent))];
    }))"""
    with visit(browser, path) as found:
        shown = {int(number): rows for number, rows in found.evaluate(script).items()}
    assert shown.keys() == recorded.keys()
    for number, changes in recorded.items():
        genes = {change.partition(" ->")[0].rpartition(" ")[0] for change in changes if "->" in change}
        changed = {gene for gene, before, after in shown[number] if "–" not in (before, after) and after != "removed"}
        assert genes == {gene for gene in changed if gene not in _without_effect(shown[number])}, number
        inserted = sum("inserted" in change for change in changes)
        assert inserted == sum(gene.startswith("layer") and gene.count(" ") == 1 and before == "–"
                               for gene, before, _ in shown[number])  # fmt: skip


def _without_effect(rows: list[list[str]]) -> set[str]:
    return {gene for gene, _, after in rows if after == "no effect"}


def test_the_tree_answers_the_keyboard(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        page = found.page
        page.focus("#tree-canvas")
        page.keyboard.press("Home")
        best = found.text("#chosen")
        page.keyboard.press("ArrowUp")
        assert found.text("#chosen") != best
        page.keyboard.press("Home")
        assert found.text("#chosen") == best
        before = found.evaluate("() => report.tree.graph.zoom()")
        page.keyboard.press("+")
        assert found.evaluate("() => report.tree.graph.zoom()") == pytest.approx(1.3 * before)
        page.keyboard.press("0")
        page.keyboard.press("Escape")
        assert "Nobody chosen" in found.text("aside.detail")


def test_what_leads_nowhere_says_so(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        page = found.page
        leaf = found.evaluate("() => report.run.children.findIndex((children) => !children.length)")
        found.evaluate("place => report.tree.select(place)", leaf)
        page.focus("#tree-canvas")
        page.keyboard.press("ArrowDown")
        assert found.text("#chosen") == f"Individual {leaf}"
        assert "It has no children." in found.text("#tree-panel")
        page.fill("#tree-search", "nobody is called so")
        assert found.text("#tree-panel .no-match") == "Nobody matches."
        page.fill("#tree-search", "")
        assert found.text("#tree-panel .no-match") == ""
        page.get_by_label("Show").select_option("front")
        assert "A search with one objective has no Pareto front" in found.text("#tree-panel .nobody")
        page.get_by_label("Show").select_option("everybody")
        assert page.is_hidden("#tree-panel .nobody")


def test_a_tip_goes_away_with_a_choice_a_key_and_a_zoom(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        for gone in ("tree.select(3)", "tree.key(new KeyboardEvent('keydown', { key: 'Home' }))", "tree.zoomBy(1.5)"):
            found.evaluate("() => report.tree.hover(report.tree.nodes[5])")
            assert found.page.is_visible(".tip")
            found.evaluate(f"() => report.{gone}")
            assert found.page.is_hidden(".tip")


def test_numbers_in_the_table_of_the_best_lead_into_the_tree(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        assert found.page.locator("#tables tr.winner").count() == 1
        last = found.page.locator("#tables a.individual").last
        last.click()
        assert found.text("#chosen") == f"Individual {last.inner_text()[1:]}"


def test_several_measurements_are_told_apart_from_their_mean(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        again = found.evaluate("() => report.run.replicate.findIndex((n, at) => n > 0 && report.run.counts(at))")
        found.evaluate("place => report.tree.select(place)", again)
        values = found.evaluate(
            "place => report.run.measurementsOf(place).map((at) => report.run.fitness[0][at])", again
        )
        told = found.text("aside.detail")
        assert len(values) > 1
        assert f"roc_auc, mean of {len(values)} measurements" in told
        assert f"{sum(values) / len(values):.5g}" in told


def test_search_filters_and_folding_tell_how_many_are_left(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        page = found.page
        page.fill("#tree-search", "crossover")
        crossed = found.evaluate("() => report.run.operator.filter((o) => o.includes('crossover')).length")
        assert f"{crossed} found" in found.text("#tree-panel")
        page.fill("#tree-search", "optimizer=adam")
        adam = found.evaluate(
            "() => report.run.genes.find((g) => g.name === 'optimizer').values.filter((v) => v === 'adam').length"
        )
        assert f"{adam} found" in found.text("#tree-panel")
        page.fill("#tree-search", "7")
        page.press("#tree-search", "Enter")
        assert found.text("#chosen") == "Individual 7"
        page.fill("#tree-search", "")
        page.check("#tree-fold")
        alive = found.evaluate("() => report.tree.alive.reduce((a, b) => a + b, 0)")
        assert 0 < alive < 50
        assert f"{alive} of 50 individuals shown" in found.text("#tree-panel")
        page.uncheck("#tree-fold")
        page.get_by_label("Show").select_option("failures")
        failed = found.evaluate("() => report.run.status.filter((s) => s !== 'ok').length")
        assert f"{failed} of 50 individuals shown" in found.text("#tree-panel")


def test_the_tree_can_be_coloured_by_everything(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        colour = found.page.get_by_label("Colour by")
        for index in range(found.evaluate("() => report.run.measures.length")):
            colour.select_option(str(index))
            name = found.evaluate("at => report.run.measures[at].name", index)
            assert name[:20] in found.text(".tree-legend")
            assert found.evaluate("() => report.tree.fills.every((fill) => /^(#|rgb)/.test(fill))")


def test_a_range_of_parallel_coordinates_chooses_in_the_tree(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        found.page.click("text=Ranges by number")
        found.page.fill("input[aria-label='number of layers, least']", "3")
        found.page.press("input[aria-label='number of layers, least']", "Enter")
        deep = found.evaluate("() => report.run.depth.filter((depth) => depth >= 3).length")
        assert found.evaluate("() => report.tree.brushed.size") == deep
        assert f"{deep} individuals chosen" in found.text("#parallel")
        found.page.click("#parallel button")
        assert found.evaluate("() => report.tree.brushed") is None


@pytest.mark.parametrize("individuals", [50, pytest.param(2_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_serious_violation(browser: Any, report: Reports, individuals: int, dark: bool) -> None:
    with visit(browser, report(individuals), dark=dark) as found:
        assert serious_violations(found) == []


HOSTILE = (
    '<script>window.hacked = "script"</script>',
    '"><img src=x onerror="window.hacked=1">',
    "line\nbreak\ttab",
    "\u202eright to left\u202d",
    "'; window.hacked = 2; '",
    "{{ 7 * 7 }} {% raw %} <!-- -->",
    "</script><svg onload=window.hacked=3>",
    "x" * 10_000,
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything in a ledger that is a text, as somebody who means ill would write it."""
    folder = make_run(tmp_path_factory.mktemp("hostile") / '"><img src=x onerror=hacked=4>', Size(40, 8))
    with sqlite3.connect(folder / "run.db") as connection:
        for number, genome in connection.execute("SELECT id, genome FROM individual").fetchall():
            data = json.loads(genome)
            data["encoding"] = "unheard <b>of</b>"
            text = HOSTILE[number % len(HOSTILE)]
            data["genes"] |= {text: text, "optimizer": text}
            data["layers"] = [{**layer, "activation": text, text: 1} for layer in data["layers"]]
            changes = json.dumps([text, f"{text} -> {text}"])
            row = (json.dumps(data), text, changes, number)
            connection.execute("UPDATE individual SET genome = ?, operator = ?, changes = ? WHERE id = ?", row)
        for (sequence,) in connection.execute("SELECT sequence FROM training").fetchall():
            text = HOSTILE[sequence % len(HOSTILE)]
            connection.execute("UPDATE training SET message = ? WHERE sequence = ?", (text, sequence))
    connection.close()
    return write_report(folder)


@pytest.mark.parametrize("size", [pytest.param(DESKTOP, marks=pytest.mark.slow), PHONE], ids=["desktop", "phone"])
def test_hostile_texts_are_shown_and_never_run(browser: Any, hostile: Path, size: tuple[int, int]) -> None:
    with visit(browser, hostile, size=size) as found:
        page = found.page
        found.evaluate("() => document.querySelectorAll('details').forEach((each) => (each.open = true))")
        seen = ""
        for number in range(40):
            found.evaluate("id => report.tree.select(report.run.place.get(id))", number)
            found.evaluate("id => report.tree.hover(report.tree.nodes[id])", number)
            seen += found.text("aside.detail")
        for index in range(found.evaluate("() => report.run.measures.length")):
            page.get_by_label("Colour by").select_option(str(index))
        genes = page.get_by_label("Gene", exact=True)
        for index in range(genes.locator("option").count()):
            genes.select_option(str(index))
        for link in page.locator("a.individual").all():
            link.click()
        assert found.evaluate("() => window.hacked") is None
        assert not overflows(found)
        assert page.locator("main img, main script, body > svg").count() == 0
        assert HOSTILE[0] in seen
        assert HOSTILE[6] in seen
        assert "(10,000 characters)" in seen
        assert page.is_hidden("#trouble")


def test_a_page_whose_data_is_cut_short_still_shows_its_tables(browser: Any, report: Reports, tmp_path: Path) -> None:
    text = report(50).read_text(encoding="utf-8")
    start = text.index('id="data">') + len('id="data">')
    end = text.index("</script>", start)
    broken = tmp_path / "broken.html"
    broken.write_text(text[: start + 500] + text[end:], encoding="utf-8")
    with visit(browser, broken, scripts=False) as found:
        assert found.page.is_visible("#tables table")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(broken.as_uri())
    page.wait_for_selector("#trouble:not([hidden])")
    assert page.is_visible("figure.static svg")
    context.close()


def test_a_printed_page_holds_picture_and_tables(browser: Any, report: Reports) -> None:
    with visit(browser, report(50)) as found:
        found.page.emulate_media(media="print")
        assert found.page.is_visible("figure.static svg")
        assert found.page.is_hidden("#tree-panel")
        assert found.page.is_hidden(".toolbar")
        assert len(found.page.pdf()) > 20_000
