// One network as a drawing: a bar a layer, as long as it is wide (on a log scale), inputs above, outputs below.
import { brief, shown, svg } from "./dom.js";

const [WIDTH, ROW, BAR] = [400, 38, 24];

export function networkDrawing(run, place) {
  const layers = run.layersOf(place);
  if (!layers.length) return null;
  const rows = [
    { name: "inputs", width: run.inputs, kind: "end" },
    ...layers.map((layer, at) => ({ name: `layer ${at + 1}`, width: widthOf(layer), text: textOf(layer), kind: "hidden-layer" })),
    { name: "outputs", width: run.outputs, kind: "end" },
  ];
  const widest = Math.max(...rows.map((row) => row.width ?? 0), 2);
  const height = rows.length * ROW + 6;
  const label = `A network of ${layers.length} layers: ${rows.map((row) => `${row.name}${row.width ? ` ${row.width} wide` : ""}`).join(", ")}`;
  return svg(
    "svg",
    { class: "network", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label },
    rows.slice(1).map((_, at) => link(rows[at], rows[at + 1], at, widest)),
    rows.map((row, at) => bar(row, at, widest)),
  );
}

const widthOf = (layer) => Object.entries(layer).find(([name, value]) => typeof value === "number" && /width|units|filters|size/.test(name))?.[1] ?? null;

const textOf = (layer) =>
  Object.entries(layer)
    .filter(([name, value]) => value && !/width|units/.test(name))
    .map(([name, value]) => (typeof value === "string" ? value : `${name} ${shown(value, 2)}`))
    .join(", ");

const lengthOf = (width, widest) => (width ? 60 + 150 * (Math.log1p(width) / Math.log1p(widest)) : 110);

function bar(row, at, widest) {
  const length = lengthOf(row.width, widest);
  const [x, y] = [110 - length / 2, 3 + at * ROW];
  return svg(
    "g",
    { class: row.kind },
    svg("rect", { x, y, width: length, height: BAR, rx: 6 }),
    svg("text", { x: 110, y: y + 16, "text-anchor": "middle" }, row.width ? row.kind === "end" ? `${shown(row.width)} ${row.width === 1 ? row.name.slice(0, -1) : row.name}` : shown(row.width) : row.name),
    row.text ? svg("text", { x: 110 + length / 2 + 8, y: y + 16, class: "about" }, brief(row.text, length > 180 ? 24 : 28)) : null,
  );
}

function link(above, below, at, widest) {
  const [upper, lower] = [lengthOf(above.width, widest) / 2 - 4, lengthOf(below.width, widest) / 2 - 4];
  const [top, bottom] = [3 + at * ROW + BAR, 3 + (at + 1) * ROW];
  return svg("path", { class: "weights", d: `M${110 - upper} ${top}H${110 + upper}L${110 + lower} ${bottom}H${110 - lower}Z` });
}
