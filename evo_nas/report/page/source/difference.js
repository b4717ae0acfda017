// What differs between two genomes, as genomes/differences.py tells it.
import { shown } from "./dom.js";

const INSERT_COST = 0.5;

export function differences(run, parent, child) {
  const found = between(Object.fromEntries(run.genesOf(parent)), Object.fromEntries(run.genesOf(child)), "");
  const [before, after] = [run.layersOf(parent), run.layersOf(child)];
  for (const [old, young] of aligned(before, after)) {
    if (old === null) found.push({ gene: `layer ${young + 1}`, before: null, after: described(after[young]), kind: "inserted" });
    else if (young === null) found.push({ gene: `layer ${old + 1}`, before: described(before[old]), after: null, kind: "removed" });
    else found.push(...between(before[old], after[young], `layer ${young + 1} `));
  }
  return found;
}

function between(before, after, place) {
  const found = [];
  for (const [name, value] of Object.entries(after)) {
    if (!(name in before)) found.push({ gene: place + name, before: null, after: shown(value), kind: "takes effect" });
    else if (before[name] !== value) found.push({ gene: place + name, before: shown(before[name]), after: shown(value), kind: "changed" });
  }
  for (const name of Object.keys(before)) if (!(name in after)) found.push({ gene: place + name, before: shown(before[name]), after: null, kind: "without effect now" });
  return found;
}

const described = (layer) =>
  Object.entries(layer)
    .filter(([, value]) => typeof value === "string" || value)
    .map(([name, value]) => (typeof value === "string" ? value : value === true ? name : `${name} ${shown(value, 3)}`))
    .join(", ");

// Pairs [index in the parent or null, index in the child or null]: the alignment of least edit distance.
export function aligned(parent, child) {
  if (parent.length === child.length) return parent.map((_, at) => [at, at]);
  const distance = (before, after) => {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].filter((name) => before[name] !== after[name]).length / Math.max(names.size, 1);
  };
  const costs = [child.map((_, at) => at * INSERT_COST).concat(child.length * INSERT_COST)];
  parent.forEach((layer, i) => {
    const row = [(i + 1) * INSERT_COST];
    child.forEach((other, j) => row.push(Math.min(costs[i][j] + distance(layer, other), costs[i][j + 1] + INSERT_COST, row[j] + INSERT_COST)));
    costs.push(row);
  });
  const pairs = [];
  let [i, j] = [parent.length, child.length];
  while (i || j) {
    if (i && j && costs[i][j] === costs[i - 1][j - 1] + distance(parent[i - 1], child[j - 1])) pairs.push([--i, --j]);
    else if (i && (!j || costs[i][j] === costs[i - 1][j] + INSERT_COST)) pairs.push([--i, null]);
    else pairs.push([null, --j]);
  }
  return pairs.reverse();
}
