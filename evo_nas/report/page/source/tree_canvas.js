// The canvas of the family tree: places, links, nodes; force-graph gives zoom, panning and hit tests.
import ForceGraph from "force-graph";
import { extent } from "./model.js";

const SPREAD = 2; // canvas units for one of the page's tenths of a distance
const MOST_STRETCH = 3.5;
const RADIUS = 7;
const SMALL = 2.6; // pixels
const MANY_LINKS = 4000;

// Draws what its subclass, Tree, has chosen: visible, matches, brushed, chosen, measure, fills, inks.
export class TreeCanvas {
  // Generations stand so far apart that the tree fills the canvas.
  place() {
    const { x, y } = this.run.tree;
    const [[left, right], [top, bottom]] = [extent(x), extent(y)];
    const wanted = (right - left + 40) * (this.canvasHost.clientHeight / Math.max(1, this.canvasHost.clientWidth));
    this.stretch = SPREAD * Math.min(Math.max(wanted / (bottom - top + 40), 1), MOST_STRETCH);
    this.nodes = this.run.id.map((_, place) => {
      const at = { x: x[place] * SPREAD, y: y[place] * this.stretch };
      return { id: place, ...at, fx: at.x, fy: at.y };
    });
  }

  startGraph() {
    const size = () => [Math.max(200, this.canvasHost.clientWidth), Math.max(200, this.canvasHost.clientHeight)];
    const [width, height] = size();
    this.graph = new ForceGraph(this.canvasHost)
      .width(width)
      .height(height)
      .nodeLabel(() => null)
      .nodeRelSize(RADIUS)
      .nodeVisibility((node) => this.visible[node.id])
      .nodeCanvasObject((node, context, scale) => this.drawNode(node, context, scale))
      .nodePointerAreaPaint((node, colour, context) => this.paintArea(node, colour, context))
      .enableNodeDrag(false)
      .enableZoomInteraction((event) => event.ctrlKey || event.metaKey || document.activeElement === this.canvasHost)
      .cooldownTicks(0)
      .d3Force("charge", null)
      .d3Force("center", null)
      .d3Force("link", null)
      .minZoom(0.005)
      .maxZoom(12)
      .onRenderFramePre((context, scale) => this.drawBehind(context, scale))
      .onRenderFramePost((context, scale) => this.drawAbove(context, scale))
      .onNodeClick((node) => this.select(node.id, false))
      .onBackgroundClick(() => this.select(-1))
      .onNodeHover((node) => this.hover(node))
      .onZoom(() => (this.tip.hidden = true));
    this.visible = new Uint8Array(this.run.size).fill(1);
    this.view = { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity };
    this.canvasHost.addEventListener("pointerdown", () => this.canvasHost.focus({ preventScroll: true }));
    this.graph.graphData({ nodes: this.nodes, links: [] });
    this.fit();
    new ResizeObserver(() => {
      const [wide, high] = size();
      if (wide === this.graph.width() && high === this.graph.height()) return;
      this.graph.width(wide).height(high);
      this.fit();
    }).observe(this.canvasHost);
  }

  makeLinks() {
    const { run } = this;
    this.faint = new Path2D();
    this.dark = new Path2D();
    this.lit = new Path2D();
    const inLine = new Set(run.line.slice(1).map((child, at) => `${child} ${run.line[at]}`));
    this.numLinks = 0;
    for (let child = 0; child < run.size; child++) {
      if (!this.visible[child]) continue;
      for (const parent of run.parents[child]) {
        if (!this.visible[parent]) continue;
        this.numLinks++;
        const kin = run.family.has(child) && run.family.has(parent);
        this.curve(kin ? (inLine.has(`${child} ${parent}`) ? this.lit : this.dark) : this.faint, parent, child);
      }
    }
  }

  curve(path, parent, child) {
    const [from, to] = [this.nodes[parent], this.nodes[child]];
    path.moveTo(from.x, from.y);
    if (this.numVisible > MANY_LINKS) return path.lineTo(to.x, to.y);
    const reach = Math.abs(to.y - from.y) > 8 * SPREAD ? (to.y - from.y) / 2 : 10 * SPREAD;
    path.bezierCurveTo(from.x, from.y + reach, to.x, Math.abs(to.y - from.y) > 8 * SPREAD ? to.y - reach : to.y + reach, to.x, to.y);
  }

  drawBehind(context, scale) {
    this.look();
    this.drawBands(context, scale);
    const crowd = Math.min(1, 500 / Math.max(1, this.numLinks));
    context.lineCap = "round";
    context.globalAlpha = 0.12 + 0.5 * crowd;
    this.strokePath(context, this.faint, this.inks.faint, Math.max(0.7 / scale, 0.5));
    context.globalAlpha = 0.75;
    this.strokePath(context, this.dark, this.inks.dark, Math.max(0.9 / scale, 0.8));
    context.globalAlpha = 1;
    this.strokePath(context, this.lit, this.inks.lit, Math.max(2.4 / scale, 3));
  }

  // What part of the tree the canvas shows, with a margin of a node.
  look() {
    const corner = this.graph.screen2GraphCoords(0, 0);
    const far = this.graph.screen2GraphCoords(this.graph.width(), this.graph.height());
    const margin = 2 * RADIUS;
    this.view = { left: corner.x - margin, right: far.x + margin, top: corner.y - margin, bottom: far.y + margin };
  }

  strokePath(context, path, colour, width) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke(path);
  }

  // Every other generation on a faint ground, with its number where there is room for it.
  drawBands(context, scale) {
    const { x: left } = this.graph.screen2GraphCoords(0, 0);
    const { x: right } = this.graph.screen2GraphCoords(this.graph.width(), 0);
    const bands = this.run.tree.bands;
    context.font = `${11 / scale}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    let lastLabel = -Infinity;
    bands.forEach(([generation, top, bottom], at) => {
      const [upper, lower] = [top * this.stretch - 8 * SPREAD, bottom * this.stretch + 8 * SPREAD];
      if (at % 2 === 0) {
        context.fillStyle = this.inks.band;
        context.fillRect(left, upper, right - left, lower - upper);
      }
      const middle = (upper + lower) / 2;
      if ((middle - lastLabel) * scale < 15) return;
      lastLabel = middle;
      context.fillStyle = this.inks.soft;
      context.fillText(String(generation), left + 8 / scale, middle);
    });
  }

  drawNode(node, context, scale) {
    const place = node.id;
    const { left, right, top, bottom } = this.view;
    if (node.x < left || node.x > right || node.y < top || node.y > bottom) return;
    const dim = (this.matches && !this.matches.has(place)) || (this.brushed && !this.brushed.has(place));
    const ok = this.run.status[place] === "ok";
    context.globalAlpha = dim ? 0.12 : 1;
    const radius = Math.min(Math.max(RADIUS, 1.6 / scale), 0.46 * 10 * SPREAD);
    if (radius * scale < SMALL) return this.drawSmall(node, context, ok, radius);
    context.beginPath();
    context.arc(node.x, node.y, ok ? radius : radius - 1.5, 0, 2 * Math.PI);
    if (ok || this.measure.name === "status") {
      context.fillStyle = this.fills[place];
      context.fill();
    } else {
      context.fillStyle = this.inks.paper;
      context.strokeStyle = this.inks.soft;
      context.lineWidth = 1.4;
      context.fill();
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  // Nobody sees corners of two pixels, and ten thousand squares cost a third of ten thousand circles.
  drawSmall({ id, x, y }, context, ok, radius) {
    context.fillStyle = ok || this.measure.name === "status" ? this.fills[id] : this.inks.soft;
    const size = ok ? 1.75 * radius : radius;
    context.fillRect(x - size / 2, y - size / 2, size, size);
    context.globalAlpha = 1;
  }

  drawAbove(context, scale) {
    for (const place of this.run.line) this.ring(context, place, this.inks.lit, 1.6, scale, 1);
    if (this.run.bestPlace >= 0) this.ring(context, this.run.bestPlace, this.inks.lit, 2.5, scale, 4);
    if (this.chosen >= 0) {
      for (const parent of this.run.parents[this.chosen]) this.tie(context, parent, this.chosen, scale, 1);
      const brood = this.run.children[this.chosen];
      for (const child of brood) this.tie(context, this.chosen, child, scale, brood.length > 12 ? 0.35 : 0.9);
      this.ring(context, this.chosen, this.inks.text, 2.5, scale, 3);
    }
    if (this.matches && this.matches.size <= 400) for (const place of this.matches) this.ring(context, place, this.inks.text, 1.5, scale, 2);
    if (scale > 1.1) this.drawIds(context, scale);
    if (!this.drawnFrames) performance.mark("tree");
    this.drawnFrames = (this.drawnFrames ?? 0) + 1;
  }

  ring(context, place, colour, width, scale, gap) {
    if (!this.visible[place]) return;
    const { x, y } = this.nodes[place];
    context.beginPath();
    context.arc(x, y, RADIUS + gap / Math.min(scale, 1), 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width / Math.min(scale, 1.5);
    context.stroke();
  }

  tie(context, parent, child, scale, strength) {
    if (!this.visible[parent] || !this.visible[child]) return;
    const path = new Path2D();
    this.curve(path, parent, child);
    context.globalAlpha = strength;
    this.strokePath(context, path, this.inks.text, (strength < 0.5 ? 0.8 : 1.5) / scale);
    context.globalAlpha = 1;
  }

  drawIds(context, scale) {
    const { left, right, top, bottom } = this.view;
    context.font = `${9 / scale}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.lineWidth = 3 / scale;
    context.lineJoin = "round";
    context.strokeStyle = this.inks.paper;
    for (const { id, x, y } of this.nodes) {
      if (!this.visible[id] || x < left || x > right || y < top || y > bottom) continue;
      const below = y + RADIUS + (id === this.run.bestPlace || id === this.chosen ? 12 : 8) / scale;
      context.strokeText(String(this.run.id[id]), x, below);
      context.fillStyle = id === this.run.bestPlace ? this.inks.lit : this.inks.soft;
      context.fillText(String(this.run.id[id]), x, below);
    }
    context.textAlign = "start";
  }

  paintArea(node, colour, context) {
    const { left, right, top, bottom } = this.view;
    if (node.x < left || node.x > right || node.y < top || node.y > bottom) return;
    context.fillStyle = colour;
    context.fillRect(node.x - RADIUS - 2, node.y - RADIUS - 2, 2 * RADIUS + 4, 2 * RADIUS + 4);
  }

  redraw() {
    this.graph?.nodeRelSize(this.graph.nodeRelSize());
  }

  fit() {
    const shown = this.nodes.filter((node) => this.visible[node.id]);
    const nodes = shown.length ? shown : this.nodes;
    if (!nodes.length) return;
    const [left, right] = nodes.reduce(([a, b], { x }) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
    const [top, bottom] = nodes.reduce(([a, b], { y }) => [Math.min(a, y), Math.max(b, y)], [Infinity, -Infinity]);
    const margin = 34;
    const scale = Math.min((this.graph.width() - 2 * margin) / Math.max(right - left, 40), (this.graph.height() - 2 * margin) / Math.max(bottom - top, 40), 1.6);
    this.graph.zoom(scale).centerAt((left + right) / 2 - 10 / scale, (top + bottom) / 2);
  }

  zoomBy(factor) {
    this.tip.hidden = true;
    this.graph.zoom(this.graph.zoom() * factor);
  }
}
