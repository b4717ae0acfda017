// Which genes mattered, as evo_nas/report/importance/ found: with the uncertainty of each number.
import { axis, chart, line } from "./charts.js";
import { ink, onTheme, ramp } from "./colour.js";
import { brief, choice, el, panel, shown, svg, table } from "./dom.js";

const MOST_ROWS = 14;

export function importancePanels(run, parent) {
  const found = run.importance?.objectives?.filter((each) => each.genes.length);
  if (!found?.length) return;
  const state = { at: 0 };
  const { body, tools } = panel(parent, "Importance of genes", "How much each gene mattered for the score: what a forest of trees loses when the gene is shuffled, and which share of the variance it explains alone. Whiskers hold 95 %.", { span: "wide", id: "importance" });
  const host = el("div");
  const draw = () => host.replaceChildren(...importance(found[state.at], run.importance.of));
  if (found.length > 1) tools.append(choice("Objective", found.map((each, at) => [String(at), each.name]), "0", (value) => ((state.at = Number(value)), draw())));
  body.append(host);
  onTheme(draw);
  draw();
}

function importance(objective, of) {
  const rows = objective.genes.filter((row) => !row.part).slice(0, MOST_ROWS);
  const most = (name) => Math.max(...rows.map((row) => row[name]?.high ?? 0), 0) || 1;
  const [permutation, share] = [most("permutation"), most("share")];
  const listed = table(
    [{ text: "Gene" }, { text: "Shuffled" }, { text: "Share of the variance" }, { text: "Correlation", number: true }],
    rows.map((row) => [row.gene.replaceAll("_", " "), whiskers(row.permutation, permutation), whiskers(row.share, share), row.correlation ? shown(row.correlation.value, 2) : "–"]),
    "Importance of genes",
  );
  const told = objective.explained === null ? "" : ` The forest explains ${shown(100 * objective.explained, 2)} % of the variance of networks it has not seen.`;
  const notes = el("p", { class: "small" }, `From ${shown(objective.num_networks)} of ${shown(of)} networks, spread over the run.${told} ${(objective.notes ?? []).map((note) => `${note[0].toUpperCase()}${note.slice(1)}.`).join(" ")}`);
  return [listed, notes, ...effects(objective), ...interactions(objective)];
}

function whiskers(estimate, most) {
  if (!estimate) return "–";
  const x = (value) => Math.max(0, Math.min(100, (96 * value) / most));
  const label = `${shown(estimate.value, 2)}, 95 % ${shown(estimate.low, 2)} to ${shown(estimate.high, 2)}`;
  return el(
    "span",
    { class: "bar whiskers", title: label },
    svg(
      "svg",
      { viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": label },
      svg("rect", { width: x(estimate.value), height: 8 }),
      svg("line", { x1: x(estimate.low), x2: x(estimate.high), y1: 4, y2: 4, "vector-effect": "non-scaling-stroke" }),
    ),
    el("span", {}, shown(estimate.value, 2)),
  );
}

function effects(objective) {
  const chosen = objective.effects.slice(0, 6);
  if (!chosen.length) return [];
  const cards = chosen.map((effect) => effectCard(objective, effect));
  return [el("h4", {}, `What the forest expects of ${objective.name} at each value, all other genes as they were trained`), el("div", { class: "effects" }, cards)];
}

function effectCard(objective, effect) {
  const host = el("div");
  const { axis: own } = effect;
  const at = (place) => own.labels[own.places.findIndex((each) => Math.abs(each - place) < 1e-6)] ?? "";
  queueMicrotask(() =>
    chart(
      host,
      () => ({
        data: [own.places, effect.high, effect.low, effect.mean],
        label: `Expected ${objective.name} over ${own.gene}`,
        scales: { x: { time: false, range: own.kind === "category" ? [-0.4, own.places.length - 0.6] : undefined } },
        axes: [axis(null, 2, { size: 26, splits: () => ticks(own), values: (_, splits) => splits.map((place) => brief(at(place), own.places.length > 5 && own.kind === "category" ? 6 : 10)), space: 0, filter: (_, splits) => splits }), axis(null, 3, { size: 50, space: 26 })],
        series: [{}, { stroke: "transparent", points: { show: false } }, { stroke: "transparent", points: { show: false } }, line("mean", ink("accent"), { width: 1.8, points: { show: own.kind === "category", size: 6, fill: ink("accent") } })],
        bands: [{ series: [1, 2], fill: ink("band") }],
      }),
      { height: 140 },
    ),
  );
  return el("div", {}, el("h5", {}, own.gene.replaceAll("_", " ")), host);
}

function ticks({ places, kind }) {
  if (places.length <= 4 || (kind === "category" && places.length <= 8)) return places;
  return [0, 0.5, 1].map((share) => places[Math.round(share * (places.length - 1))]);
}

function interactions(objective) {
  if (!objective.interactions.length) return [];
  const rows = objective.interactions.slice(0, 6);
  const most = Math.max(...rows.map((row) => row.share.high)) || 1;
  const listed = table([{ text: "Two genes" }, { text: "Share of the variance only together" }], rows.map((row) => [`${row.first} × ${row.second}`.replaceAll("_", " "), whiskers(row.share, most)]), "Interactions");
  return [el("h4", {}, "Interactions"), listed, el("div", { class: "effects" }, objective.surfaces.slice(0, 3).map((each) => surface(objective, each)))];
}

// Cells where no network lies are hatched: a light colour alone would look like a low value.
function surface(objective, { first, second, mean, counts }) {
  const values = mean.flat();
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const better = (value) => (high > low ? (objective.maximize ? value - low : high - value) / (high - low) : 0.5);
  const told = (i, j) => `${first.labels[i]}, ${second.labels[j]}: ${shown(mean[i][j])} (${counts[i][j]} networks)`;
  const cells = mean.flatMap((row, i) =>
    row.flatMap((value, j) => {
      const y = row.length - 1 - j;
      const cell = svg("rect", { x: i, y, width: 1.02, height: 1.02, fill: ramp(better(value)) }, svg("title", {}, told(i, j)));
      return counts[i][j] ? [cell] : [cell, svg("path", { class: "hatch", d: `M${i} ${y + 1}L${i + 1} ${y}M${i} ${y + 0.5}L${i + 0.5} ${y}M${i + 0.5} ${y + 1}L${i + 1} ${y + 0.5}` })];
    }),
  );
  const label = `Expected ${objective.name} over ${first.gene} and ${second.gene}: ${shown(low)} to ${shown(high)}`;
  const picture = svg("svg", { class: "surface", viewBox: `0 0 ${mean.length} ${mean[0].length}`, preserveAspectRatio: "none", role: "img", "aria-label": label }, cells);
  const [worst, best] = objective.maximize ? [low, high] : [high, low];
  return el(
    "div",
    {},
    el("h5", {}, `${first.gene} (across) and ${second.gene} (up)`.replaceAll("_", " ")),
    el("div", { class: "surface-frame" }, el("div", { class: "upright" }, ends(second.labels).reverse()), picture, el("span"), el("div", { class: "ticks" }, ends(first.labels))),
    el("p", { class: "scale small" }, `${shown(worst, 3)} `, rampBar(), ` ${shown(best, 3)}; hatched where no network lies`),
  );
}

const ends = (labels) => [labels[0], labels[Math.floor((labels.length - 1) / 2)], labels[labels.length - 1]].filter((label, at, all) => all.indexOf(label) === at).map((label) => el("span", {}, brief(label, 9)));

function rampBar() {
  const steps = Array.from({ length: 24 }, (_, at) => svg("rect", { x: at, width: 1.05, height: 1, fill: ramp(at / 23) }));
  return svg("svg", { class: "ramp", viewBox: "0 0 24 1", preserveAspectRatio: "none", "aria-hidden": "true" }, steps);
}
