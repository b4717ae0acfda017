// What the colours of the tree mean.
import { brief, el, shown } from "./dom.js";

export function legendOf(measure, legend) {
  const marks = [el("span", { class: "mark-lit" }, "the winner’s line"), el("span", { class: "mark-hollow" }, "failed or not back")];
  if (legend.categories) {
    const rest = legend.others ? [swatch(legend.others, "others")] : [];
    return [el("span", { class: "measure" }, brief(measure.name)), ...legend.categories.map(([text, colour]) => swatch(colour, brief(text, 60))), ...rest, ...marks];
  }
  const bar = el("canvas", { width: legend.steps.length, height: 1, class: "ramp", "aria-hidden": "true" });
  const context = bar.getContext("2d");
  legend.steps.forEach((colour, at) => ((context.fillStyle = colour), context.fillRect(at, 0, 1, 1)));
  return [el("span", { class: "measure" }, brief(measure.name)), el("span", {}, shown(legend.low, 3)), bar, el("span", {}, shown(legend.high, 3)), ...marks];
}

const swatch = (colour, text) => el("span", { class: "swatch" }, el("i", { style: { background: colour } }), text);
