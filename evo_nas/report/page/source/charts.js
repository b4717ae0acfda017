// uPlot, dressed: colours of the theme, our own legend, and a redraw when the theme or the width changes.
import uPlot from "uplot";
import { el, shown } from "./dom.js";
import { ink, onTheme } from "./colour.js";

const drawn = new Set();
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) target.redrawChart?.();
});
onTheme(() => {
  for (const host of drawn) host.isConnected ? host.remakeChart() : drawn.delete(host);
});

// make: () => { data, series, axes, scales, hooks, label }; drawn into `host`, again on every change.
export function chart(host, make, { height = 260 } = {}) {
  let plot = null;
  const width = () => Math.max(220, host.clientWidth);
  host.classList.add("chart");
  host.remakeChart = () => {
    plot?.destroy();
    const { data, label, ...options } = make();
    plot = new uPlot({ width: width(), height, legend: { show: false }, cursor: { drag: { x: true, y: false } }, ...options }, data, host);
    plot.root.setAttribute("role", "img");
    plot.root.setAttribute("aria-label", label);
  };
  host.redrawChart = () => plot && plot.width !== width() && plot.setSize({ width: width(), height });
  host.remakeChart();
  drawn.add(host);
  resized.observe(host);
  return host;
}

export function axis(label, side = 3, more = {}) {
  const font = "12px system-ui, sans-serif";
  return {
    label,
    side,
    font,
    labelFont: font,
    labelSize: 22,
    stroke: ink("soft"),
    size: side === 3 ? 58 : 34,
    space: side === 3 ? 34 : 60,
    grid: { show: side === 3, stroke: ink("line"), width: 1 },
    ticks: { show: false },
    values: (_, values) => values.map((value) => (value === null ? "" : shown(value))),
    ...more,
  };
}

export const generations = () => axis("generation", 2, { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10000] });

export const line = (label, colour, more = {}) => ({ label, stroke: colour, width: 2, points: { show: false }, spanGaps: true, ...more });
export const stepped = uPlot.paths.stepped({ align: 1 });

// Dots are drawn by hand: ten thousand of them in one path.
export function dots(index, colour, size = 1.6, alpha = 0.45) {
  return (plot) => {
    const { ctx } = plot;
    const [xs, ys] = [plot.data[0], plot.data[index]];
    const radius = size * devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
    ctx.clip();
    ctx.globalAlpha = alpha;
    ctx.fillStyle = colour;
    ctx.beginPath();
    for (let at = 0; at < xs.length; at++) {
      if (ys[at] === null) continue;
      const x = plot.valToPos(xs[at], "x", true);
      const y = plot.valToPos(ys[at], "y", true);
      ctx.moveTo(x + radius, y);
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
    }
    ctx.fill();
    ctx.restore();
  };
}

export function legend(entries) {
  return el(
    "ul",
    { class: "legend" },
    entries.map(([text, kind]) => el("li", {}, el("span", { class: `key ${kind}`, "aria-hidden": "true" }), text)),
  );
}
