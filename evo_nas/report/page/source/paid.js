// What paid: operators, genes, failures.
import { choice, duration, el, panel, shown, signed, svg, table } from "./dom.js";
import { importancePanels } from "./importance.js";
import { streamPanel } from "./stream.js";
import { parallelPanel } from "./parallel.js";

export function paidPanels(run, parent, tree) {
  const paid = run.paid ?? { operators: [], genes: [], failures: [] };
  operatorPanel(run, paid.operators, parent);
  genePanel(run, paid.genes, parent);
  failurePanel(paid, parent);
  streamPanel(run, parent);
  importancePanels(run, parent);
  parallelPanel(run, parent, tree);
}

function operatorPanel(run, lists, parent) {
  const about = "What the children gained that were better than their first parent, for the time that all children of the operator took. Where several operators made a child, each is given its part.";
  gainPanel(run, lists, parent, { title: "Operators", name: "Operator", about, id: "operators", span: "wide" });
}

function genePanel(run, lists, parent) {
  const about = "The same for each gene in which a child differs from its only parent.";
  gainPanel(run, lists, parent, { title: "Changes of genes", name: "Gene", about, id: "gene-gains" });
}

function gainPanel(run, lists, parent, { title, name, about, id, span }) {
  const { body, tools } = panel(parent, title, about, { id, span });
  const host = el("div");
  const draw = (at) => host.replaceChildren(gains(lists[at] ?? [], title, name, span === "wide"));
  if (lists.length > 1) tools.append(choice("Objective", run.objectives.map((objective, at) => [String(at), objective.name]), "0", (value) => draw(Number(value))));
  body.append(host);
  draw(0);
}

function gains(rows, title, name, whole) {
  if (!rows.length) return el("p", {}, "There is no child yet whose score can be compared with its parent's.");
  const worth = (row) => (row.seconds > 0 ? (60 * row.gain) / row.seconds : row.gain / row.children);
  const timed = rows.some((row) => row.seconds > 0);
  const most = Math.max(...rows.map(worth)) || 1;
  const ranked = [...rows].sort((a, b) => worth(b) - worth(a));
  const headings = [{ text: name }, { text: timed ? "Gain a minute of training" : "Gain a child" }, { text: "Better", number: true }];
  const more = [{ text: "Gain, summed up", number: true }, { text: "Best gain", number: true }, { text: "Failed", number: true }, { text: "Training", number: true }];
  const cells = (row) => [row.name, bar(worth(row) / most, signed(worth(row))), share(row.improved, row.children)];
  const rest = (row) => [signed(row.gain), signed(row.best_gain), shown(row.failed), duration(row.seconds)];
  return table(whole ? [...headings, ...more] : headings, ranked.map((row) => (whole ? [...cells(row), ...rest(row)] : cells(row))), title);
}

function failurePanel(paid, parent) {
  const { body } = panel(parent, "Failures by gene", "Values that fail notably more often than others.", { id: "failures" });
  if (!paid.failures.length) return body.append(el("p", {}, paid.failure_rate ? `No value stands out; ${percent(paid.failure_rate)} of all trainings failed.` : "Nothing has failed."));
  body.append(
    table(
      [{ text: "Gene" }, { text: "Values" }, { text: "Rate" }, { text: "Failed", number: true }],
      paid.failures.map((row) => [row.gene, row.values, bar(row.rate, percent(row.rate), "warn"), share(row.failures, row.trainings)]),
      "Failures by gene",
    ),
    el("p", { class: "small" }, `Of all trainings ${percent(paid.failure_rate)} failed.`),
  );
}

export const percent = (value) => (value === null || value === undefined ? "–" : `${shown(100 * value, 2)} %`);

const share = (part, whole) => `${shown(part)} of ${shown(whole)}`;

export function bar(part, text, kind = "") {
  const width = Math.max(0, Math.min(1, part || 0)) * 100;
  return el(
    "span",
    { class: `bar ${kind}` },
    svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { width, height: 8, rx: 1 })),
    el("span", {}, text),
  );
}
