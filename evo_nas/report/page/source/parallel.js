// Parallel coordinates: a line an individual, an axis a gene; drag on an axis to choose, and the tree shows who it is.
import { colouring, ink, onTheme } from "./colour.js";
import { brief, el, panel, shown } from "./dom.js";

const HEIGHT = 300;
const [TOP, BOTTOM] = [38, 26];
const MOST_AXES = 9;
const MOST_LINES = 2500;

export function parallelPanel(run, parent, tree) {
  const { body, tools } = panel(parent, "Parallel coordinates", "A line is an individual. Drag along an axis to choose a range; the family tree shows whom it holds.", { span: "wide", id: "parallel" });
  const genes = run.measures.filter((each) => each.group === "gene").slice(0, MOST_AXES - 1);
  if (!run.objectives.length || !genes.length) return body.append(el("p", {}, "All genes are fixed."));
  new Parallel(run, [...genes, ...run.measures.slice(0, Math.min(2, run.objectives.length))], body, tools, tree);
}

class Parallel {
  constructor(run, measures, body, tools, tree) {
    Object.assign(this, { run, tree });
    this.axes = measures.map((measure) => ({ measure, position: positionOf(measure), range: null }));
    this.canvas = el("canvas", { class: "parallel", height: HEIGHT, role: "img", "aria-label": `Parallel coordinates of ${measures.map((each) => each.name).join(", ")}` });
    this.told = el("p", { class: "small", role: "status" });
    this.clear = el("button", { type: "button", onclick: () => this.reset() }, "Clear");
    tools.append(this.clear);
    body.append(el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Parallel coordinates" }, this.canvas), this.told, this.fields());
    this.places = this.chosenPlaces();
    this.listen();
    onTheme(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(body);
    this.draw();
    this.tell();
  }

  // The same for the keyboard: lowest and highest value of an axis in two fields.
  fields() {
    const row = this.axes.filter(({ measure }) => measure.numeric).map((axis) => this.field(axis));
    return el("details", { class: "ranges" }, el("summary", {}, "Ranges by number"), el("div", { class: "field-grid" }, row));
  }

  field(axis) {
    const { measure } = axis;
    const made = ["least", "most"].map((which) => el("input", { type: "number", step: "any", "aria-label": `${measure.name}, ${which}`, placeholder: shown(which === "least" ? measure.low : measure.high, 3) }));
    const change = () => {
      const [low, high] = made.map((input) => (input.value === "" ? null : Number(input.value)));
      axis.range = low === null && high === null ? null : [axis.position.of(low ?? measure.low), axis.position.of(high ?? measure.high)];
      this.changed();
    };
    made.forEach((input) => input.addEventListener("change", change));
    axis.inputs = made;
    return el("div", {}, el("span", {}, brief(measure.name, 30)), ...made);
  }

  // Failures have no score to end at; of many others every n-th is drawn, and the best always.
  chosenPlaces() {
    const all = [];
    for (let place = 0; place < this.run.size; place++) if (this.run.counts(place)) all.push(place);
    const step = Math.ceil(all.length / MOST_LINES);
    const turned = this.run.objectives[0].maximize ? 1 : -1;
    const ordered = all.filter((_, at) => at % step === 0).sort((a, b) => turned * (this.run.fitness[0][a] - this.run.fitness[0][b]));
    return this.run.bestPlace >= 0 ? [...ordered.filter((place) => place !== this.run.bestPlace), this.run.bestPlace] : ordered;
  }

  listen() {
    let start = null;
    const at = (event) => {
      const box = this.canvas.getBoundingClientRect();
      return { x: event.clientX - box.left, share: Math.min(Math.max((event.clientY - box.top - TOP) / (HEIGHT - TOP - BOTTOM), 0), 1) };
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      const { x, share } = at(event);
      const axis = this.axes.reduce((best, each) => (Math.abs(each.x - x) < Math.abs(best.x - x) ? each : best));
      if (Math.abs(axis.x - x) > 30) return;
      start = { axis, share };
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!start) return;
      const { share } = at(event);
      start.axis.range = Math.abs(share - start.share) < 0.02 ? null : [1 - Math.max(share, start.share), 1 - Math.min(share, start.share)];
      this.draw();
    });
    this.canvas.addEventListener("pointerup", () => {
      if (start) this.changed();
      start = null;
    });
  }

  changed() {
    this.draw();
    this.tell();
    this.tree.brush(this.isBrushed() ? new Set(this.everybody((place) => this.inside(place))) : null);
  }

  reset() {
    for (const axis of this.axes) {
      axis.range = null;
      axis.inputs?.forEach((input) => (input.value = ""));
    }
    this.changed();
  }

  isBrushed() {
    return this.axes.some((axis) => axis.range);
  }

  everybody(test) {
    const found = [];
    for (let place = 0; place < this.run.size; place++) if (test(place)) found.push(place);
    return found;
  }

  inside(place) {
    return this.axes.every(({ range, position, measure }) => {
      if (!range) return true;
      const value = measure.values[place];
      return value !== null && position.of(value) >= range[0] - 1e-9 && position.of(value) <= range[1] + 1e-9;
    });
  }

  tell() {
    const count = this.isBrushed() ? this.everybody((place) => this.inside(place)).length : 0;
    const thinned = this.run.size > MOST_LINES ? ` Of ${this.run.size.toLocaleString("en-GB")} individuals every ${Math.ceil(this.run.size / MOST_LINES)}th is drawn here.` : "";
    this.told.textContent = (this.isBrushed() ? `${count.toLocaleString("en-GB")} individuals chosen of ${this.run.size.toLocaleString("en-GB")}; the tree shows them, the others are pale.` : "Nobody is left out.") + thinned;
    this.clear.disabled = !this.isBrushed();
  }

  draw() {
    const width = Math.max(this.canvas.parentElement.clientWidth, 92 * this.axes.length);
    const ratio = devicePixelRatio;
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${HEIGHT}px` });
    [this.canvas.width, this.canvas.height] = [width * ratio, HEIGHT * ratio];
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    this.axes.forEach((axis, at) => (axis.x = 46 + (at * (width - 92)) / Math.max(1, this.axes.length - 1)));
    const { colour } = colouring(this.run.measures[0]);
    const brushed = this.isBrushed();
    context.lineWidth = 1;
    for (const place of this.places) {
      const inside = !brushed || this.inside(place);
      context.globalAlpha = inside ? (this.places.length > 600 ? 0.3 : 0.55) : 0.04;
      this.strokeLine(context, place, place === this.run.bestPlace ? ink("accent") : colour(place), place === this.run.bestPlace ? 2.5 : 1);
    }
    context.globalAlpha = 1;
    this.axes.forEach((axis) => this.drawAxis(context, axis));
  }

  strokeLine(context, place, colour, width) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    this.axes.forEach(({ measure, position, x }, at) => {
      const value = measure.values[place];
      const y = value === null ? HEIGHT - 8 : TOP + (1 - position.of(value)) * (HEIGHT - TOP - BOTTOM);
      if (at === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
    context.stroke();
  }

  drawAxis(context, { measure, position, x, range }) {
    context.strokeStyle = ink("soft");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, TOP);
    context.lineTo(x, HEIGHT - BOTTOM);
    context.stroke();
    if (range) {
      context.fillStyle = ink("accent");
      context.globalAlpha = 0.35;
      const span = HEIGHT - TOP - BOTTOM;
      context.fillRect(x - 7, TOP + (1 - range[1]) * span, 14, (range[1] - range[0]) * span);
      context.globalAlpha = 1;
    }
    context.textAlign = "center";
    context.font = "600 11px system-ui, sans-serif";
    this.write(context, brief(measure.name.split(",")[0], 15), x, 14, ink("text"));
    context.font = "10.5px system-ui, sans-serif";
    position.ticks.forEach(([share, text]) => this.write(context, brief(text, 12), x, TOP + (1 - share) * (HEIGHT - TOP - BOTTOM) + (share === 1 ? -5 : share === 0 ? 12 : 3), ink("text")));
  }

  write(context, text, x, y, colour) {
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = ink("card");
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }
}

function positionOf(measure) {
  if (!measure.numeric) {
    const last = Math.max(1, measure.categories.length - 1);
    const index = new Map(measure.categories.map((value, at) => [value, 1 - at / last]));
    const ticks = measure.categories.slice(0, 9).map((value) => [index.get(value), String(value)]);
    return { of: (value) => index.get(value), ticks };
  }
  const of = measure.log ? Math.log : (value) => value;
  const [low, high] = [of(measure.low), of(measure.high)];
  return { of: (value) => (high > low ? (of(value) - low) / (high - low) : 0.5), ticks: [[0, shown(measure.low, 2)], [1, shown(measure.high, 2)]] };
}
