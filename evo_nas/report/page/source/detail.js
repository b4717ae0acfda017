// Everything about one individual.
import { axis, chart, legend, line } from "./charts.js";
import { ink } from "./colour.js";
import { differences } from "./difference.js";
import { brief, duration, el, isolated, shown, signed, table } from "./dom.js";
import { networkDrawing } from "./network.js";

const MOST_RELATIVES = 12;
const MOST_DIFFERENCES = 30;

export function detail(run, place, select) {
  if (place < 0)
    return [el("h3", {}, "Nobody chosen"), el("p", { class: "small" }, "Choose an individual in the tree to see its genes, its network, its curves, and what changed against its parents.")];
  const drawing = networkDrawing(run, place);
  return [
    el("h3", { id: "chosen" }, `Individual ${run.id[place]}`),
    el("p", { class: "badges" }, ...badges(run, place)),
    facts(run, place),
    run.message[place] ? el("p", { class: "message" }, isolated(run.message[place])) : null,
    relatives(run, place, select),
    ...run.parents[place].map((parent) => against(run, parent, place, select)),
    drawing ? el("h4", {}, "Network") : null,
    drawing,
    ...curves(run, place),
    ...genes(run, place),
  ].filter(Boolean);
}

function badges(run, place) {
  const texts = [[run.status[place], run.status[place] === "ok" ? "good" : "bad"]];
  if (place === run.bestPlace) texts.push(["winner", "accent"]);
  else if (run.line.includes(place)) texts.push(["the winner's line", "accent"]);
  else if (run.family.has(place)) texts.push(["ancestor of the winner", ""]);
  if (run.front.has(place)) texts.push(["Pareto front", ""]);
  if (run.rung[place] !== null) texts.push([`judged after ${run.rung[place]} epochs`, ""]);
  if (run.replicate[place]) texts.push([`measured again (${run.replicate[place]})`, ""]);
  if (run.found[place]) texts.push(["found in the store", ""]);
  return texts.map(([text, kind]) => el("span", { class: `badge ${kind}` }, text));
}

function facts(run, place) {
  const rows = run.objectives.flatMap((objective, at) => scoreRows(run, place, at));
  const known = new Set(run.objectives.map((objective) => objective.name));
  for (const { name, values } of run.metrics) if (!known.has(name) && values[place] !== null) rows.push([name, shown(values[place], 5)]);
  if (run.parameters[place] && !known.has("parameters")) rows.push(["parameters", shown(run.parameters[place])]);
  rows.push(["operator", run.operator[place]], ["generation", run.generation[place]]);
  if (run.epochs[place]) rows.push([run.hasFolds ? "epochs, all folds" : "epochs", shown(run.epochs[place])]);
  const inherited = run.inherited_epochs[place];
  if (inherited) rows.push(["effective epochs", `${shown(run.epochs[place] + inherited)}, of which ${shown(inherited)} inherited`]);
  rows.push(["training", run.seconds[place] ? duration(run.seconds[place]) : "nothing new"]);
  return pairs(rows);
}

// A score, and where the network was measured several times, which of them it is and what their mean says.
function scoreRows(run, place, at) {
  const { name } = run.objectives[at];
  const own = [name, shown(run.fitness[at][place], 5)];
  const all = run.measurementsOf(place);
  if (all.length < 2 || !run.counts(place) || SIZES.includes(name)) return [own];
  const mean = all.reduce((sum, other) => sum + run.fitness[at][other], 0) / all.length;
  return [[`${name}, this measurement`, own[1]], [`${name}, mean of ${all.length} measurements`, shown(mean, 5)]];
}

const SIZES = ["parameters", "flops"];

function pairs(rows) {
  return el("table", { class: "pairs" }, el("tbody", {}, rows.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, brief(name)), el("td", {}, isolated(value))))));
}

function relatives(run, place, select) {
  const group = (label, places) => {
    if (!places.length) return null;
    const more = places.length - MOST_RELATIVES;
    const links = places.slice(0, MOST_RELATIVES).map((other) => relative(run, other, select));
    return el("p", { class: "relatives" }, el("span", {}, label), ...links, more > 0 ? el("span", {}, `and ${more} more`) : null);
  };
  const parents = run.parents[place];
  return el("div", {}, group(parents.length > 1 ? "Parents" : "Parent", parents), group("Children", run.children[place]));
}

const relative = (run, place, select) => el("button", { type: "button", class: "link", onclick: () => select(place) }, `#${run.id[place]}`);

function against(run, parent, place, select) {
  const found = differences(run, parent, place);
  const gains = run.objectives.map((objective, at) => [objective.name, run.gain(place, parent, at)]).filter(([, gain]) => gain !== null);
  const told = gains.map(([name, gain]) => el("span", { class: `gain ${gain > 0 ? "good" : gain < 0 ? "bad" : ""}` }, `${brief(name, 20)} ${signed(gain)}`));
  const rows = found.slice(0, MOST_DIFFERENCES).map((each) => [each.gene, each.before ?? "–", each.after ?? (each.kind === "removed" ? "removed" : "no effect")]);
  const more = found.length - MOST_DIFFERENCES;
  return el(
    "div",
    { class: "against" },
    el("h4", {}, "Against ", relative(run, parent, select)),
    el("p", { class: "gains" }, ...(told.length ? [el("span", { class: "name", title: "Above 0 is better, also where smaller is better." }, "Gain"), ...told] : ["The scores cannot be compared."])),
    rows.length ? table([{ text: "Gene" }, { text: "Before" }, { text: "After" }], rows, `What changed against individual ${run.id[parent]}`) : el("p", { class: "small" }, "The same network."),
    more > 0 ? el("p", { class: "small" }, `And ${more} more.`) : null,
  );
}

function curves(run, place) {
  const kept = run.curves[String(run.id[place])];
  if (!kept) return run.status[place] === "ok" && Object.keys(run.curves).length ? [el("h4", {}, "Curves"), el("p", { class: "small" }, "Kept for the winner's line and the best 200 only.")] : [];
  const groups = new Map();
  for (const [name, values] of Object.entries(kept.curves)) {
    const metric = name.replace(/^(train|validation)_/, "");
    groups.set(metric, [...(groups.get(metric) ?? []), [name, values]]);
  }
  return [el("h4", {}, "Curves"), ...[...groups].map(([metric, members]) => curve(metric, kept.epochs, members))];
}

function curve(metric, epochs, members) {
  const host = el("div");
  const kinds = members.map(([name]) => (name.startsWith("train") ? "blue" : "accent"));
  queueMicrotask(() =>
    chart(
      host,
      () => ({
        data: [epochs, ...members.map(([, values]) => values)],
        label: `${metric} over ${epochs[epochs.length - 1]} epochs`,
        scales: { x: { time: false } },
        axes: [axis("epoch", 2), axis(brief(metric, 24), 3)],
        series: [{}, ...members.map(([name], at) => line(name, ink(kinds[at]), { width: 1.6 }))],
      }),
      { height: 150 },
    ),
  );
  return el("div", {}, host, legend(members.map(([name], at) => [brief(name.replaceAll("_", " "), 30), kinds[at]])));
}

function genes(run, place) {
  const layers = run.layersOf(place);
  const names = [...new Set(layers.flatMap(Object.keys))];
  const made = [];
  if (layers.length) made.push(el("h4", {}, "Layers"), table([{ text: "Layer" }, ...names.map((name) => ({ text: brief(name, 24) }))], layers.map((layer, at) => [at + 1, ...names.map((name) => shown(layer[name]))]), "Layers"));
  const own = run.genesOf(place);
  if (own.length) made.push(el("h4", {}, "Genes"), pairs(own.map(([name, value]) => [name, shown(value)])));
  return made;
}
