// Elements and numbers. Whatever comes from a run goes through textContent, never through markup.

const SVG = "http://www.w3.org/2000/svg";

export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export function shown(value, digits = 4) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return value.toLocaleString("en-GB");
  const size = Math.abs(value);
  if (size >= 1e7 || (size < 1e-3 && size > 0)) return value.toExponential(2).replace("e", "e").replace("e+", "e");
  if (size >= 1000) return Math.round(value).toLocaleString("en-GB");
  return String(Number(value.toPrecision(digits)));
}

export function signed(value) {
  return value === null ? "–" : `${value > 0 ? "+" : value < 0 ? "−" : "±"}${shown(Math.abs(value), 3)}`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 120) return `${shown(seconds, 3)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${shown(seconds / 3600, 2)} h`;
}

// A text of bounded length for a place with little room.
export function brief(text, most = 40) {
  const letters = Array.from(String(text).replace(/\s+/g, " "));
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : letters.join("");
}

// Long names may break behind their signs, and not within a word.
export function isolated(text) {
  const parts = String(text).split(/(?<=[:_,])/);
  return el("bdi", {}, parts.length > 200 ? String(text) : parts.flatMap((part, at) => (at ? [el("wbr"), part] : [part])));
}

// span: "wide" is a whole row, "most" two thirds, "few" a third; a half without it.
export function panel(parent, title, about, { span = "", id = null } = {}) {
  const body = el("div", { class: "panel-body" });
  const tools = el("div", { class: "tools" });
  const head = el("div", { class: "panel-head" }, el("h3", {}, title), tools);
  const section = el("section", { class: `card ${span}`, id }, head, about ? el("p", { class: "small" }, about) : null, body);
  parent.append(section);
  return { section, body, tools };
}

let numChoices = 0;

export function choice(label, options, chosen, onchange) {
  const name = `choice-${numChoices++}`;
  const select = el("select", { id: name, onchange: () => onchange(select.value) });
  for (const [value, text] of options) select.append(el("option", { value, selected: value === chosen }, brief(text, 48)));
  return el("div", { class: "choice" }, el("label", { for: name }, label), select);
}

export function table(headings, rows, caption) {
  const head = el("tr", {}, headings.map(({ text, number }) => el("th", { scope: "col", class: number ? "number" : null }, text)));
  const body = rows.map((cells) =>
    el("tr", {}, cells.map((cell, index) => el("td", { class: headings[index].number ? "number" : null }, cell instanceof Node ? cell : isolated(cell)))),
  );
  const made = el("table", {}, el("caption", { class: "hidden" }, caption), el("thead", {}, head), el("tbody", {}, body));
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, made);
}
