// Gene frequencies through time: a band for each value, as thick as its share of a generation.
import { category, MOST_CATEGORIES, onTheme, ramp } from "./colour.js";
import { brief, choice, el, panel, shown, svg } from "./dom.js";

const [WIDTH, HEIGHT] = [720, 200];
const NUM_CELLS = 6;

export function streamPanel(run, parent) {
  const { body, tools } = panel(parent, "Gene frequencies", "The share of each value among the successes of a generation.", { span: "wide", id: "stream" });
  const genes = run.measures.filter((each) => each.group === "gene");
  if (!genes.length || run.generations.length < 2) return body.append(el("p", {}, "There are too few generations, or all genes are fixed."));
  const state = { gene: genes.find((gene) => !gene.numeric) ?? genes[0] };
  const host = el("div", { class: "drawing" });
  const draw = () => host.replaceChildren(...stream(run, state.gene));
  tools.append(choice("Gene", genes.map((gene, at) => [String(at), gene.name]), String(genes.indexOf(state.gene)), (value) => ((state.gene = genes[Number(value)]), draw())));
  body.append(host);
  onTheme(draw);
  draw();
}

// The values of a gene as a few classes: { of: place -> index or -1, names, colour }.
export function classes(gene) {
  if (!gene.numeric || gene.distinct <= NUM_CELLS) return listed(gene);
  const of = gene.log ? Math.log : (value) => value;
  const [low, high] = [of(gene.low), of(gene.high)];
  const back = (share) => (gene.log ? Math.exp(low + share * (high - low)) : low + share * (high - low));
  const cell = (value) => Math.min(NUM_CELLS - 1, Math.floor((NUM_CELLS * (of(value) - low)) / (high - low)));
  const names = Array.from({ length: NUM_CELLS }, (_, at) => `${shown(back(at / NUM_CELLS), 2)} to ${shown(back((at + 1) / NUM_CELLS), 2)}`);
  return { of: (place) => (gene.values[place] === null ? -1 : cell(gene.values[place])), names, colour: (at) => ramp(0.12 + (0.88 * at) / (NUM_CELLS - 1)) };
}

function listed(gene) {
  const values = gene.numeric ? [...new Set(gene.values.filter((value) => value !== null))].sort((a, b) => a - b) : gene.categories;
  const kept = values.slice(0, MOST_CATEGORIES);
  const index = new Map(values.map((value, at) => [value, Math.min(at, MOST_CATEGORIES)]));
  const names = [...kept.map((value) => shown(value)), ...(values.length > kept.length ? ["others"] : [])];
  const colour = gene.numeric ? (at) => ramp(0.12 + (0.88 * at) / Math.max(1, names.length - 1)) : category;
  return { of: (place) => (gene.values[place] === null ? -1 : index.get(gene.values[place])), names, colour };
}

function stream(run, gene) {
  const { of, names, colour } = classes(gene);
  const generations = run.generations.map((row) => row.generation);
  const at = new Map(generations.map((generation, place) => [generation, place]));
  const counts = generations.map(() => new Array(names.length + 1).fill(0));
  for (let place = 0; place < run.size; place++) {
    const row = counts[at.get(run.generation[place])];
    if (row && run.status[place] === "ok") row[of(place) < 0 ? names.length : of(place)]++;
  }
  const x = (place) => (generations.length > 1 ? (place / (generations.length - 1)) * WIDTH : 0);
  const total = counts.map((row) => row.reduce((a, b) => a + b, 0) || 1);
  const edges = counts.map(() => 0);
  const bands = [];
  for (let index = 0; index <= names.length; index++) {
    const shares = counts.map((row, place) => row[index] / total[place]);
    if (!shares.some((value) => value > 0)) continue;
    const lower = [...edges];
    shares.forEach((value, place) => (edges[place] += value));
    const name = names[index] ?? "without effect";
    bands.push(svg("path", { d: area(lower, edges, x), class: index === names.length ? "no-effect" : null, fill: index === names.length ? null : colour(index) }, svg("title", {}, `${name}: ${percentOf(shares[shares.length - 1])} in the last generation`)));
  }
  const ticks = [0, Math.floor((generations.length - 1) / 2), generations.length - 1];
  const labels = el("div", { class: "ticks", "aria-hidden": "true" }, [...new Set(ticks)].map((place) => el("span", {}, `generation ${generations[place]}`)));
  const key = el("ul", { class: "legend" }, names.map((name, index) => el("li", {}, el("span", { class: "key square shade", style: { background: colour(index) } }), brief(name, 28))));
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "stream", preserveAspectRatio: "none", role: "img", "aria-label": `Frequencies of ${gene.name} over generations` }, bands);
  return [picture, labels, key];
}

const percentOf = (value) => `${Math.round(100 * value)} %`;

// Smooth edges: cubic curves that leave and arrive level.
function area(lower, upper, x) {
  const y = (value) => (1 - value) * (HEIGHT - 2) + 1;
  const edge = (values, order) =>
    order.slice(1).map((place, index) => {
      const before = order[index];
      const middle = (x(before) + x(place)) / 2;
      return `C${middle.toFixed(1)} ${y(values[before]).toFixed(1)} ${middle.toFixed(1)} ${y(values[place]).toFixed(1)} ${x(place).toFixed(1)} ${y(values[place]).toFixed(1)}`;
    });
  const forth = upper.map((_, place) => place);
  const back = [...forth].reverse();
  const last = forth.length - 1;
  return `M0 ${y(upper[0]).toFixed(1)}${edge(upper, forth).join("")}L${x(last).toFixed(1)} ${y(lower[last]).toFixed(1)}${edge(lower, back).join("")}Z`;
}
