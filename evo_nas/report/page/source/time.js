// Where the time went, and what another hour may bring.
import { axis, chart, generations, line } from "./charts.js";
import { ink } from "./colour.js";
import { duration, el, panel, shown, signed, svg, table } from "./dom.js";

export function timePanels(run, parent) {
  if (!run.time) return parent.append(el("p", {}, "The folder does not say."));
  spentPanel(run.time, parent);
  secondsPanel(run, parent);
  outlookPanel(run.time, parent);
}

function spentPanel(time, parent) {
  const workers = time.elapsed && time.training ? ` The run took ${duration(time.elapsed)}; its trainings together ${duration(time.training)}.` : "";
  const { body } = panel(parent, "Spent on", `What became of the individuals that came back.${workers}`, { id: "spent", span: "few" });
  const total = time.kinds.reduce((sum, row) => sum + row.seconds, 0);
  const all = time.kinds.reduce((sum, row) => sum + row.individuals, 0);
  if (!all) return body.append(el("p", {}, "Nothing has come back yet."));
  const kinds = ["trained", "early", "rung", "failed", "known"];
  const names = ["trained to the end", "stopped early", "judged on a rung", "failed", "known already"];
  const of = (row) => kinds[names.indexOf(row.kind)] ?? "known";
  body.append(
    stacked("Time", time.kinds.map((row) => [of(row), row.kind, total ? row.seconds / total : 0])),
    stacked("Individuals", time.kinds.map((row) => [of(row), row.kind, row.individuals / all])),
    table(
      [{ text: "" }, { text: "Individuals", number: true }, { text: "Training", number: true }],
      time.kinds.map((row) => [el("span", {}, el("span", { class: `key square ${of(row)}` }), row.kind), shown(row.individuals), duration(row.seconds)]),
      "Where the time went",
    ),
  );
}

function stacked(label, parts) {
  let x = 0;
  const rects = parts.map(([kind, name, share]) => svg("rect", { class: kind, x: (x += share * 100) - share * 100, width: Math.max(0, share * 100 - 0.25), height: 10 }, svg("title", {}, `${name}: ${shown(100 * share, 2)} %`)));
  const text = parts.map(([, name, share]) => `${name} ${shown(100 * share, 2)} %`).join(", ");
  return el("div", { class: "stacked" }, el("span", {}, label), svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": `${label}: ${text}` }, rects));
}

function secondsPanel(run, parent) {
  const { body } = panel(parent, "Seconds a generation", "Of training, all workers together.", { id: "generation-seconds", span: "few" });
  const rows = run.generations;
  if (rows.length < 2) return body.append(el("p", {}, "There is only one generation."));
  const own = rows.map((row, at) => (row.seconds ?? 0) - (at ? rows[at - 1].seconds ?? 0 : 0));
  const host = el("div");
  body.append(host);
  chart(host, () => ({
    data: [rows.map((row) => row.generation), own],
    label: `Seconds of training a generation, the last ${shown(own[own.length - 1], 3)}`,
    scales: { x: { time: false }, y: { range: (_, low, high) => [0, high * 1.05 || 1] } },
    axes: [generations(), axis("seconds", 3)],
    series: [{}, line("seconds", ink("blue"), { fill: ink("band"), width: 1.6 })],
  }));
}

function outlookPanel(time, parent) {
  const { body } = panel(parent, "Another hour", null, { id: "outlook", span: "few" });
  const { outlook } = time;
  if (!outlook) return body.append(el("p", {}, "Too few scores to say what another hour would bring (20 in the later half of the run are needed)."));
  body.append(
    ...(outlook.negligible
      ? [el("p", { class: "figure calm" }, el("strong", {}, "Nothing to expect")), el("p", {}, `About ${shown(outlook.an_hour)} more individuals would gain less than a twentieth of what the middle half of the scores differs by (${signed(outlook.gain)} ${outlook.objective}).`)]
      : [el("p", { class: "figure" }, el("strong", {}, signed(outlook.gain)), ` ${outlook.objective}`), el("p", {}, `Expected of about ${shown(outlook.an_hour)} more individuals.`)]),
    el("p", { class: "small" }, `Assumed: they score as the ${shown(outlook.scores)} successes of the later half of this run did, each for itself, and scores beyond the upper quartile thin out as theirs do (a generalised Pareto tail, never heavier than exponential). A search that learns does better; and it is a search score, noise and luck included.`),
  );
}
