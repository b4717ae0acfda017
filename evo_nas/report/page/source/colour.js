// Colours that the colour-blind tell apart, for both themes. Sequences grow evenly in lightness.

const RAMPS = {
  light: ["#dce6e8", "#a9cbd3", "#6aa9bd", "#34809f", "#1d5780", "#122f54"],
  dark: ["#22343f", "#2b5568", "#37798d", "#56a0a9", "#93c9c1", "#e3f5e6"],
};

// Okabe and Ito (2008), in an order that keeps neighbours apart; grey for what is left.
const CATEGORIES = {
  light: ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a7a00", "#7a5195"],
  dark: ["#4aa3df", "#f0b13c", "#2fc59a", "#de9cc2", "#8fd0f5", "#f0803c", "#d8cf4a", "#b596d6"],
};
const REST = { light: "#9aa5ad", dark: "#75828b" };
const NOTHING = { light: "#c9d0d5", dark: "#3d4a53" };
export const STATUSES = ["ok", "diverged", "out_of_memory", "timed_out", "invalid", "crashed", "not back yet"];

const media = window.matchMedia("(prefers-color-scheme: dark)");
export const theme = () => (media.matches ? "dark" : "light");
export const onTheme = (listen) => media.addEventListener("change", listen);

export function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function ramp(share) {
  const colours = RAMPS[theme()];
  const at = Math.min(Math.max(share, 0), 1) * (colours.length - 1);
  const below = Math.min(Math.floor(at), colours.length - 2);
  return mixed(colours[below], colours[below + 1], at - below);
}

function mixed(first, second, share) {
  const part = (colour, at) => parseInt(colour.slice(at, at + 2), 16);
  const channel = (at) => Math.round(part(first, at) + share * (part(second, at) - part(first, at)));
  return `rgb(${channel(1)},${channel(3)},${channel(5)})`;
}

export const category = (index) => CATEGORIES[theme()][index] ?? REST[theme()];
export const MOST_CATEGORIES = CATEGORIES.light.length;
export const nothing = () => NOTHING[theme()];

// A function from a place to a colour, and what a legend needs. Of what is better or worse the bad end is cut, so that a
// few terrible networks do not take the colours of all others.
export function colouring(measure) {
  if (!measure.numeric) {
    const index = new Map(measure.categories.slice(0, MOST_CATEGORIES).map((value, at) => [value, at]));
    const colours = measure.categories.slice(0, MOST_CATEGORIES).map((_, at) => category(at));
    const others = measure.categories.length > MOST_CATEGORIES;
    return {
      colour: (place) => {
        const value = measure.values[place];
        return value === null ? nothing() : colours[index.get(value)] ?? REST[theme()];
      },
      legend: { categories: [...index.keys()].map((value, at) => [String(value), colours[at]]), others: others ? REST[theme()] : null },
    };
  }
  const [low, high] = bounds(measure);
  const scale = scaleOf(measure.log);
  const span = scale(high) - scale(low) || 1;
  const steps = Array.from({ length: 65 }, (_, at) => ramp(at / 64));
  const share = (value) => {
    const found = (scale(value) - scale(low)) / span;
    return measure.better < 0 ? 1 - found : found;
  };
  return {
    colour: (place) => {
      const value = measure.values[place];
      return value === null ? nothing() : steps[Math.round(64 * Math.min(Math.max(share(value), 0), 1))];
    },
    legend: { low, high, steps: measure.better < 0 ? [...steps].reverse() : steps },
  };
}

function bounds(measure) {
  const sorted = measure.values.filter((value) => value !== null).sort((a, b) => a - b);
  if (!measure.better || sorted.length < 20) return [sorted[0] ?? 0, sorted[sorted.length - 1] ?? 1];
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  const [best, worst] = measure.better > 0 ? [at(1), at(0.05)] : [at(0), at(0.95)];
  const far = at(0.5) - 3 * (best - at(0.5));
  const end = best === at(0.5) ? worst : measure.better > 0 ? Math.max(worst, far) : Math.min(worst, far);
  return measure.better > 0 ? [end, best] : [best, end];
}

const scaleOf = (log) => (log ? Math.log : (value) => value);
