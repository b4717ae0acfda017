// The Pareto front, and how it moved: a slider goes through the generations.
import { el, panel, choice, shown, svg } from "./dom.js";
import { extent } from "./model.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [560, 480, 62, 40];
const MOST_DOTS = 3000;

export function frontPanel(run, parent, select) {
  const state = { x: 0, y: 1, at: run.generations.length - 1 };
  const { body, tools } = panel(parent, "Pareto front", "Networks that no other one beats in both objectives. Move the slider to see the front of an earlier generation.", { id: "front" });
  const options = run.objectives.map((objective, at) => [String(at), objective.name]);
  const host = el("div", { class: "drawing" });
  const draw = () => host.replaceChildren(drawing(run, state, select));
  if (options.length > 2) {
    tools.append(choice("Across", options, "0", (value) => ((state.x = Number(value)), draw())));
    tools.append(choice("Up", options, "1", (value) => ((state.y = Number(value)), draw())));
  }
  const told = el("output", {});
  const tell = () => (told.textContent = `after generation ${run.generations[state.at].generation}`);
  const slider = el("input", { type: "range", min: 0, max: run.generations.length - 1, value: state.at, "aria-label": "Generation", oninput: () => ((state.at = Number(slider.value)), tell(), draw()) });
  body.append(host, el("div", { class: "slider" }, slider, told));
  tell();
  draw();
}

function drawing(run, { x, y, at }, select) {
  const last = run.generations[at].generation;
  const all = [];
  for (let place = 0; place < run.size; place++) if (run.counts(place)) all.push(place);
  const across = scale(run, x, all, [LEFT, WIDTH - 12]);
  const up = scale(run, y, all, [HEIGHT - BOTTOM, 10]);
  const born = all.filter((place) => run.generation[place] <= last);
  const front = paretoFront(run, born.filter((place) => run.feasible[place] !== false), x, y);
  const step = Math.ceil(born.length / MOST_DOTS);
  const inside = (place) => across(place) >= LEFT + 2 && across(place) <= WIDTH - 12 && up(place) >= 12;
  const cloud = born.filter((place, index) => index % step === 0 && inside(place));
  const dot = (place) => `M${across(place).toFixed(1)} ${up(place).toFixed(1)}h0`;
  const label = `${front.length} networks on the front of ${run.objectives[x].name} and ${run.objectives[y].name} after generation ${last}`;
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": label },
    axes(run, x, y, across, up),
    svg("path", { class: "cloud", d: cloud.map(dot).join("") }),
    svg("path", { class: "front", d: stairs(front, across, up, run.objectives[x].maximize) }),
    front.map((place) => knob(run, place, across(place), up(place), x, y, select)),
  );
}

function knob(run, place, cx, cy, x, y, select) {
  const text = `Individual ${run.id[place]}: ${run.objectives[x].name} ${shown(run.fitness[x][place])}, ${run.objectives[y].name} ${shown(run.fitness[y][place])}`;
  const choose = () => select(place);
  return svg("circle", { class: "knob", cx, cy, r: 5, tabindex: "0", role: "button", "aria-label": text, onclick: choose, onkeydown: (event) => event.key === "Enter" && choose() }, svg("title", {}, text));
}

export function paretoFront(run, places, x, y) {
  const turned = (objective, place) => run.fitness[objective][place] * (run.objectives[objective].maximize ? 1 : -1);
  const ordered = [...places].sort((a, b) => turned(x, b) - turned(x, a) || turned(y, b) - turned(y, a));
  const front = [];
  for (const place of ordered) if (!front.length || turned(y, place) > turned(y, front[front.length - 1])) front.push(place);
  return front;
}

function stairs(front, across, up, maximize) {
  const points = front.map((place) => [across(place), up(place)]).sort((a, b) => a[0] - b[0]);
  return points.map(([cx, cy], at) => (at === 0 ? `M${cx} ${cy}` : maximize ? `V${cy}H${cx}` : `H${cx}V${cy}`)).join("");
}

function scale(run, objective, places, [start, end]) {
  const values = places.map((place) => run.fitness[objective][place]).sort((a, b) => a - b);
  const better = run.objectives[objective].maximize;
  const cut = (share) => values[Math.floor(share * (values.length - 1))] ?? 0;
  const [low, high] = values.length > 50 ? (better ? [cut(0.05), cut(1)] : [cut(0), cut(0.95)]) : extent(values.length ? values : [0, 1]);
  const log = low > 0 && high / low > 30;
  const of = log ? Math.log : (value) => value;
  const span = of(high) - of(low) || 1;
  const share = (value) => Math.min(Math.max((of(value) - of(low)) / span, -0.1), 1.1);
  const position = (place) => start + (end - start) * (0.03 + 0.94 * share(run.fitness[objective][place]));
  const back = (part) => (log ? Math.exp(of(low) + span * part) : low + span * part);
  position.ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => [start + (end - start) * (0.03 + 0.94 * part), shown(back(part), 3)]);
  return position;
}

function axes(run, x, y, across, up) {
  const name = (objective) => `${run.objectives[objective].name} (${run.objectives[objective].maximize ? "larger" : "smaller"} is better)`;
  return svg(
    "g",
    { class: "axes", "aria-hidden": "true" },
    up.ticks.map(([at]) => svg("line", { x1: LEFT, x2: WIDTH - 8, y1: at, y2: at })),
    up.ticks.map(([at, text]) => svg("text", { x: LEFT - 8, y: at + 4, "text-anchor": "end" }, text)),
    across.ticks.map(([at, text]) => svg("text", { x: at, y: HEIGHT - 22, "text-anchor": "middle" }, text)),
    svg("text", { x: (WIDTH + LEFT) / 2, y: HEIGHT - 4, "text-anchor": "middle", class: "name" }, name(x)),
    svg("text", { transform: `translate(13 ${(HEIGHT - BOTTOM) / 2}) rotate(-90)`, "text-anchor": "middle", class: "name" }, name(y)),
  );
}
