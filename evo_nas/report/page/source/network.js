// One network as a drawing, inputs above, outputs below: a row a layer, its bar as long as it is wide (on a log scale).
import { brief, shown, svg } from "./dom.js";

const WIDTH = 380;
const [CENTRE, HALF, SHAPE] = [190, 44, 328];
const [TALL, LOW, GAP] = [24, 14, 6];
const HEADING = 18;

// rows as the page's data have them where the encoding tells its layers; else a row a layer's genes.
export function networkDrawing(run, place) {
  const rows = run.networkOf(place) ?? fromGenes(run, place);
  if (!rows.length) return null;
  const widest = Math.max(...rows.map((row) => row.units ?? 0), 2);
  let y = HEADING;
  for (const row of rows) {
    Object.assign(row, { y, height: row.strong ? TALL : LOW, half: halfOf(row.units, widest) });
    y += row.height + GAP;
  }
  const told = rows.map((row) => `${row.words}${row.shape ? ` ${row.shape}` : ""}`).join(", ");
  return svg(
    "svg",
    { class: "network", viewBox: `0 0 ${WIDTH} ${y}`, role: "img", "aria-label": `A network: ${brief(told, 2000)}` },
    headings(rows),
    rows.slice(1).map((row, at) => joint(rows[at], row)),
    rows.map((row) => drawn(row)),
    rows.flatMap((row, at) => row.skips.map((skip) => edge(rows[at - skip], row, at))),
  );
}

function headings(rows) {
  const heading = (x, text) => svg("text", { class: "heading", x, y: 11, "text-anchor": "end" }, text);
  return [
    rows.some((row) => row.shape) ? heading(SHAPE, "output") : null,
    rows.some((row) => row.parameters) ? heading(WIDTH, "weights") : null,
  ];
}

const widthOf = (layer) => Object.entries(layer).find(([name, value]) => typeof value === "number" && /width|units|filters|size/.test(name))?.[1] ?? null;

const wordsOf = (layer) =>
  Object.entries(layer)
    .filter(([name, value]) => value && !/width|units/.test(name))
    .map(([name, value]) => (typeof value === "string" ? value : `${name} ${shown(value, 2)}`))
    .join(", ");

function fromGenes(run, place) {
  const layers = run.layersOf(place).map((layer) => ({ words: wordsOf(layer), units: widthOf(layer), kind: "dense" }));
  if (!layers.length) return [];
  const ends = [run.inputs, run.outputs].map((units, at) => ({ words: ["inputs", "outputs"][at], units, kind: "input" }));
  return [ends[0], ...layers, ends[1]].map((row) => ({ ...row, shape: row.units === null ? "" : shown(row.units), strong: true, joined: true, times: 1, parameters: 0, skips: [] }));
}

const halfOf = (units, widest) => (units ? Math.max(4, (HALF * Math.log1p(units)) / Math.log1p(widest)) : HALF / 2);

function drawn(row) {
  const middle = row.y + row.height / 2 + 4;
  const times = row.times > 1 && row.kind ? `${shown(row.times)} × ` : "";
  return svg(
    "g",
    { class: row.strong ? "strong-row" : "" },
    row.kind ? svg("rect", { class: `kind-${row.kind.replaceAll(" ", "-")}`, x: CENTRE - row.half, y: row.y, width: 2 * row.half, height: row.height, rx: 4 }) : null,
    svg("text", { x: row.strong ? 0 : 10, y: middle }, brief(times + row.words, 24)),
    row.shape ? svg("text", { x: SHAPE, y: middle, "text-anchor": "end" }, row.shape) : null,
    row.parameters ? svg("text", { x: WIDTH, y: middle, "text-anchor": "end" }, shown(row.parameters)) : null,
  );
}

function joint(above, below) {
  if (!above.kind || !below.kind || !below.joined) return null;
  const [top, bottom] = [above.y + above.height, below.y];
  return svg("path", { class: "weights", d: `M${CENTRE - above.half} ${top}H${CENTRE + above.half}L${CENTRE + below.half} ${bottom}H${CENTRE - below.half}Z` });
}

// Around the rows between, from what a layer reads to the layer.
function edge(source, target, at) {
  const side = CENTRE + HALF + 5 + 3 * (at % 3);
  const [from, to] = [source.y + 0.7 * source.height, target.y + 0.3 * target.height];
  const tip = CENTRE + target.half;
  return svg("path", { class: "edge", d: `M${CENTRE + source.half} ${from}H${side}V${to}H${tip}m4 -3l-4 3l4 3` });
}
