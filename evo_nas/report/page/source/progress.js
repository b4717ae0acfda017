// How the search went: fitness, front, hypervolume, diversity.
import { axis, chart, dots, generations, legend, line, stepped } from "./charts.js";
import { ink } from "./colour.js";
import { choice, el, panel, shown } from "./dom.js";
import { frontPanel } from "./front.js";

const AXES = [
  ["trainings", "evaluations"],
  ["seconds", "training time"],
  ["generation", "generations"],
];

export function progressPanels(run, parent, select) {
  if (!run.generations.length || !run.objectives.length) {
    parent.append(el("p", {}, "No training has come back yet."));
    return;
  }
  fitnessPanel(run, parent);
  if (run.objectives.length > 1) frontPanel(run, parent, select);
  if (run.generations.some((row) => row.hypervolume !== null)) hypervolumePanel(run, parent);
  diversityPanel(run, parent);
}

function fitnessPanel(run, parent) {
  const state = { objective: 0, axis: "trainings" };
  const { body, tools } = panel(parent, "Fitness", "Best so far, median and middle half of a generation; a dot is one evaluation. The best is whom the search believes in, with the mean of its measurements so far: it can fall, when a second measurement takes a lucky score back.", {
    span: run.objectives.length > 1 ? "wide" : "most",
    id: "fitness",
  });
  const host = el("div");
  const redraw = () => host.remakeChart();
  if (run.objectives.length > 1)
    tools.append(choice("Objective", run.objectives.map((o, at) => [String(at), o.name]), "0", (value) => ((state.objective = Number(value)), redraw())));
  tools.append(choice("Over", AXES, state.axis, (value) => ((state.axis = value), redraw())));
  body.append(host);
  chart(host, () => fitnessChart(run, state), { height: 320 });
  body.append(legend([["best so far", "accent"], ["median", "blue"], ["middle half", "band"], ["one evaluation", "dot"]]));
}

function fitnessChart(run, state) {
  const objective = run.objectives[state.objective];
  const positions = horizontal(run, state.axis);
  const points = [];
  for (let place = 0; place < run.size; place++)
    if (run.counts(place) && positions.individual[place] !== null) points.push([positions.individual[place], run.fitness[state.objective][place]]);
  run.generations.forEach((row, at) => points.push([positions.generation[at], null, row.objectives[state.objective]]));
  points.sort((a, b) => a[0] - b[0]);
  const spread = (name) => points.map((point) => point[2]?.[name] ?? null);
  const data = [points.map((p) => p[0]), spread("third_quartile"), spread("first_quartile"), spread("median"), spread("best"), points.map((p) => p[1])];
  const none = { stroke: "transparent", points: { show: false }, spanGaps: true };
  const direction = objective.maximize ? "larger is better" : "smaller is better";
  const log = run.measures[state.objective].low > 0 && run.measures[state.objective].high / run.measures[state.objective].low > 300;
  const last = run.generations[run.generations.length - 1].objectives[state.objective].best;
  return {
    data,
    label: `${objective.name} over ${AXES.find(([name]) => name === state.axis)[1]}: the best so far is ${shown(last)}`,
    scales: { x: { time: false }, y: log ? { distr: 3 } : { range: () => inView(run, state.objective) } },
    axes: [state.axis === "generation" ? generations() : axis(xName(state.axis), 2), axis(`${objective.name} (${direction})`, 3)],
    series: [
      {},
      none,
      none,
      line("median", ink("blue"), { width: 1.5 }),
      line("best so far", ink("accent"), { paths: stepped, width: 2.2 }),
      { ...none, show: true },
    ],
    bands: [{ series: [1, 2], fill: ink("band") }],
    hooks: { drawSeries: [(plot, index) => index === 1 && dots(5, ink("dot"), points.length > 3000 ? 1 : 1.8, points.length > 3000 ? 0.3 : 0.5)(plot)] },
  };
}

const xName = (name) => ({ trainings: "evaluations", seconds: "seconds of training, all workers together", generation: "generation" })[name];

// One network that learned nothing must not flatten the picture: the lines, and as much again below them.
function inView(run, objective) {
  const edges = run.generations.flatMap((row) => ["best", "first_quartile", "third_quartile"].map((name) => row.objectives[objective][name]));
  const known = edges.filter((edge) => edge !== null);
  if (!known.length) return [0, 1];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const reach = high - low || Math.abs(high) * 0.05 || 1;
  const values = run.fitness[objective].filter((value) => value !== null && value >= low - 0.6 * reach && value <= high + 0.6 * reach);
  const bottom = values.reduce((a, b) => Math.min(a, b), low);
  const top = values.reduce((a, b) => Math.max(a, b), high);
  const margin = 0.05 * (top - bottom) || reach;
  return [bottom - margin, top + margin];
}

// Where each individual and the end of each generation stand on the chosen axis.
function horizontal(run, name) {
  const generation = run.generations.map((row) => row[name]);
  if (name === "generation") {
    const jittered = run.generation.map((value, place) => value + 0.6 * (((run.id[place] * 0.618034) % 1) - 0.5));
    return { individual: jittered, generation };
  }
  const individual = [];
  let total = 0;
  for (let place = 0; place < run.size; place++) individual.push((total += name === "seconds" ? run.seconds[place] ?? 0 : run.status[place] === "not back yet" ? 0 : 1));
  const end = generation[generation.length - 1] || 1;
  const share = total ? end / total : 1;
  return { individual: individual.map((value) => value * share), generation };
}

function hypervolumePanel(run, parent) {
  const about = `How much of the space of objectives the front leaves behind it; larger is better. From the reference point ${(run.reference ?? [])
    .map((value, at) => `${run.objectives[at].name} ${shown(value)}`)
    .join(", ")}.`;
  const { body } = panel(parent, "Hypervolume", about, { id: "hypervolume" });
  const rows = run.generations;
  chart(body, () => ({
    data: [rows.map((row) => row.generation), rows.map((row) => row.hypervolume)],
    label: `Hypervolume of the front over generations, in the end ${shown(rows[rows.length - 1].hypervolume)}`,
    scales: { x: { time: false } },
    axes: [generations(), axis("hypervolume", 3)],
    series: [{}, line("hypervolume", ink("accent"), { paths: stepped })],
  }));
}

function diversityPanel(run, parent) {
  const rows = run.generations;
  const spread = rows.some((row) => row.spread !== null);
  const about = "The share of distinct networks among the individuals of a generation, and how far apart their genes are: the mean distance of two, 0 for equal ones.";
  const { body } = panel(parent, "Diversity", about, { id: "diversity", span: run.objectives.length > 1 ? "" : "few" });
  const host = el("div");
  body.append(host);
  chart(host, () => ({
    data: [rows.map((row) => row.generation), rows.map((row) => row.diversity), rows.map((row) => row.spread)],
    label: `Diversity over generations: ${shown(rows[rows.length - 1].diversity, 2)} of the last one are distinct networks`,
    scales: { x: { time: false }, y: { range: [0, 1.04] } },
    axes: [generations(), axis("share", 3)],
    series: [{}, line("distinct", ink("blue")), line("distance of genes", ink("green"), { dash: [6, 3] })],
  }));
  body.append(legend([["distinct networks", "blue"], ...(spread ? [["distance of genes", "green dashed"]] : [])]));
}

