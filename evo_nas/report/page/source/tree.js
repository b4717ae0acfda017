// The family tree: every individual of the run, what it is coloured by, who is shown, and who is chosen.
import { colouring, ink, onTheme } from "./colour.js";
import { brief, choice, el, shown } from "./dom.js";
import { detail } from "./detail.js";
import { ancestorsOfTheLatest, neighbour } from "./kinship.js";
import { TreeCanvas } from "./tree_canvas.js";
import { legendOf } from "./tree_legend.js";
import { matching } from "./tree_search.js";

export class Tree extends TreeCanvas {
  constructor(run, host) {
    super();
    this.run = run;
    this.measure = run.measures.find((each) => each.group === "fitness") ?? run.measures[0];
    this.filter = "everybody";
    this.folded = false;
    this.query = "";
    this.chosen = -1;
    this.brushed = null;
    this.listeners = [];
    this.alive = ancestorsOfTheLatest(run);
    this.build(host);
    this.place();
    this.startGraph();
    this.recolour();
    this.refilter();
    onTheme(() => (this.recolour(), this.redraw()));
  }

  // What stands around the canvas.
  build(host) {
    const colours = this.run.measures.map((each, at) => [String(at), each.name]);
    const toolbar = el(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "The family tree" },
      choice("Colour by", colours, String(this.run.measures.indexOf(this.measure)), (value) => this.colourBy(Number(value))),
      choice("Show", FILTERS, this.filter, (value) => ((this.filter = value), this.refilter())),
      this.searchField(),
      this.foldBox(),
      el(
        "div",
        { class: "buttons" },
        el("button", { type: "button", onclick: () => this.zoomBy(1.5), "aria-label": "Zoom in" }, "+"),
        el("button", { type: "button", onclick: () => this.zoomBy(1 / 1.5), "aria-label": "Zoom out" }, "−"),
        el("button", { type: "button", onclick: () => this.fit() }, "Fit"),
        el("button", { type: "button", onclick: () => this.select(this.run.bestPlace), disabled: this.run.bestPlace < 0 }, "Winner"),
      ),
    );
    this.canvasHost = el("div", { class: "tree-canvas", tabindex: "0", role: "application", id: "tree-canvas", "aria-describedby": "tree-help", "aria-label": `Family tree of ${this.run.size} individuals` });
    this.legendHost = el("div", { class: "tree-legend" });
    this.status = el("p", { class: "small", role: "status" });
    this.tip = el("div", { class: "tip", hidden: true });
    this.empty = el("p", { class: "nobody", hidden: true });
    this.side = el("aside", { class: "detail card", "aria-label": "The individual chosen", tabindex: "-1" });
    const help = el("p", { class: "small", id: "tree-help" }, "Drag to move, click an individual; once clicked into, scroll or pinch to zoom (before that with Ctrl). With the keyboard: arrow keys go to parent, child and neighbours, + and − zoom, 0 fits, Home is the winner.");
    host.append(toolbar, el("div", { class: "tree-layout" }, el("div", { class: "tree-main card" }, el("div", { class: "tree-frame" }, this.canvasHost, this.empty, this.tip), this.legendHost, this.status, help), this.side));
    this.chosen = this.run.bestPlace;
    this.detailOf(this.chosen);
    this.canvasHost.addEventListener("keydown", (event) => this.key(event));
  }

  searchField() {
    const field = el("input", { type: "search", id: "tree-search", placeholder: "id, operator, gene…", oninput: () => ((this.query = field.value.trim().toLowerCase()), this.refilter()) });
    field.addEventListener("keydown", (event) => event.key === "Enter" && this.goToFirstMatch());
    this.noMatch = el("span", { class: "no-match", role: "status" });
    return el("div", { class: "choice" }, el("label", { for: "tree-search" }, "Search"), field, this.noMatch);
  }

  foldBox() {
    const box = el("input", { type: "checkbox", id: "tree-fold", onchange: () => ((this.folded = box.checked), this.refilter()) });
    return el("div", { class: "tick" }, box, el("label", { for: "tree-fold" }, "Fold dead branches"));
  }

  // Which individuals are shown, and the paths of their links.
  refilter() {
    const { run } = this;
    const admits = this.admits();
    let count = 0;
    for (let place = 0; place < run.size; place++) {
      const shows = admits(place) && (!this.folded || this.alive[place]);
      this.visible[place] = shows ? 1 : 0;
      count += shows;
    }
    this.numVisible = count;
    this.matches = this.query ? matching(run, this.query) : null;
    this.makeLinks();
    this.tell();
    this.redraw();
  }

  // How many are shown, found and picked out, and why it may be nobody.
  tell() {
    const number = (value) => value.toLocaleString("en-GB");
    const found = this.matches ? `, ${number(this.matches.size)} found` : "";
    const picked = this.brushed ? `, ${number(this.brushed.size)} picked out by parallel coordinates` : "";
    const why = this.numVisible ? "" : ` ${WHY_EMPTY[this.filter] ?? "Nobody is of this kind."}`;
    this.status.textContent = `${number(this.numVisible)} of ${number(this.run.size)} individuals shown${found}${picked}.${why}`;
    this.noMatch.textContent = this.matches && !this.matches.size ? "Nobody matches." : "";
    this.empty.hidden = this.numVisible > 0;
    this.empty.textContent = why;
  }

  // Words for the keyboard, where a key leads nowhere.
  say(text) {
    this.tell();
    this.status.textContent += ` ${text}`;
  }

  admits() {
    const { run } = this;
    const tests = {
      everybody: () => true,
      family: (place) => run.family.has(place),
      line: (place) => run.line.includes(place),
      successes: (place) => run.status[place] === "ok",
      failures: (place) => run.status[place] !== "ok" && run.status[place] !== "not back yet",
      front: (place) => run.front.has(place),
      improved: (place) => run.parents[place].length > 0 && run.parents[place].every((parent) => (run.gain(place, parent) ?? -1) > 0),
    };
    return tests[this.filter];
  }

  // Drawing.
  recolour() {
    const { colour, legend } = colouring(this.measure);
    this.fills = this.nodes.map((node) => colour(node.id));
    this.inks = { lit: ink("accent"), dark: ink("kin"), faint: ink("link"), soft: ink("soft"), paper: ink("paper"), text: ink("text"), band: ink("zebra") };
    this.legendHost.replaceChildren(...legendOf(this.measure, legend));
  }

  colourBy(index) {
    this.measure = this.run.measures[index];
    this.recolour();
    this.redraw();
  }

  // Choosing.
  hover(node) {
    this.tip.hidden = !node;
    if (!node) return;
    const { run } = this;
    const place = node.id;
    const value = this.measure.values[place];
    this.tip.replaceChildren(el("strong", {}, `#${run.id[place]}`), ` ${brief(run.operator[place], 32)}`, el("br"), `${brief(this.measure.name, 28)} ${brief(shown(value), 40)}`);
    const { x, y } = this.graph.graph2ScreenCoords(node.x, node.y);
    const right = x > this.graph.width() - 190;
    Object.assign(this.tip.style, { left: right ? "auto" : `${x + 14}px`, right: right ? `${this.graph.width() - x + 14}px` : "auto", top: `${Math.max(4, y - 14)}px` });
  }

  select(place, centre = true) {
    this.tip.hidden = true;
    this.chosen = place;
    this.detailOf(place);
    if (place >= 0 && centre) this.showPlace(place);
    this.redraw();
    this.listeners.forEach((listen) => listen(place));
  }

  showPlace(place) {
    if (!this.visible[place]) {
      this.visible[place] = 1;
      this.makeLinks();
    }
    const { x, y } = this.nodes[place];
    this.graph.zoom(Math.max(this.graph.zoom(), 0.55)).centerAt(x, y);
  }

  detailOf(place) {
    this.side.replaceChildren(...detail(this.run, place, (other) => this.select(other)));
  }

  goToFirstMatch() {
    const first = this.matches && [...this.matches].find((place) => this.visible[place]);
    if (first !== undefined && first !== null && this.matches) this.select(first);
  }

  brush(places) {
    this.brushed = places;
    this.tell();
    this.redraw();
  }

  key(event) {
    const { run } = this;
    const here = this.chosen >= 0 ? this.chosen : run.bestPlace >= 0 ? run.bestPlace : 0;
    this.tip.hidden = true;
    const moves = {
      ArrowUp: () => run.parents[here][0],
      ArrowDown: () => run.children[here].find((child) => run.family.has(child)) ?? run.children[here][0],
      ArrowLeft: () => neighbour(this, here, -1),
      ArrowRight: () => neighbour(this, here, 1),
      Home: () => run.bestPlace,
    };
    if (event.key === "+" || event.key === "=") this.zoomBy(1.3);
    else if (event.key === "-") this.zoomBy(1 / 1.3);
    else if (event.key === "0") this.fit();
    else if (event.key === "Escape") this.select(-1);
    else if (event.key in moves) {
      const next = moves[event.key]();
      if (next !== undefined && next >= 0) this.select(next);
      else this.say(NOWHERE[event.key]);
    } else return;
    event.preventDefault();
  }
}

const NOWHERE = {
  ArrowUp: "It has no parents.",
  ArrowDown: "It has no children.",
  ArrowLeft: "It is the first of its generation.",
  ArrowRight: "It is the last of its generation.",
  Home: "There is no winner yet.",
};

const WHY_EMPTY = {
  front: "A search with one objective has no Pareto front: there is one winner.",
  failures: "Nothing has failed.",
  improved: "Nobody is better than its parents.",
  successes: "Nothing has succeeded yet.",
  family: "There is no winner yet.",
  line: "There is no winner yet.",
};

const FILTERS = [
  ["everybody", "everybody"],
  ["family", "the winner's ancestors"],
  ["line", "the winner's line"],
  ["improved", "better than their parents"],
  ["successes", "successes"],
  ["failures", "failures"],
  ["front", "the Pareto front"],
];

