// The run as arrays, unpacked from the page's data.

export async function readPayload(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

export function unpack(packed) {
  if (packed.numbers) return packed.numbers;
  if (packed.levels) return packed.of.map((place) => (place < 0 ? null : packed.levels[place]));
  if ("first" in packed) return Array.from({ length: packed.length }, (_, at) => packed.first + at);
  return new Array(packed.length).fill(packed.same);
}

const isNumber = (value) => typeof value === "number";

export class Run {
  constructor(data) {
    Object.assign(this, {
      objectives: data.objectives,
      constrained: data.constrained,
      inputs: data.inputs,
      outputs: data.outputs,
      task: data.task,
      recipeEpochs: data.recipe_epochs,
      hasFolds: data.has_folds,
      best: data.best,
      reference: data.reference,
      generations: data.generations,
      curves: data.curves ?? {},
      networks: data.networks,
      paid: data.paid,
      importance: data.importance,
      time: data.time,
      tree: data.tree,
    });
    const columns = data.individuals;
    for (const name of ["id", "generation", "operator", "status", "message", "replicate", "rung", "network"])
      this[name] = unpack(columns[name]);
    for (const name of ["parameters", "flops", "epochs", "inherited_epochs", "seconds", "found", "feasible"]) this[name] = unpack(columns[name]);
    this.fitness = columns.objectives.map(unpack);
    this.metrics = Object.entries(columns.metrics).map(([name, packed]) => ({ name, values: unpack(packed) }));
    this.size = this.id.length;
    this.place = new Map(this.id.map((id, place) => [id, place]));
    this.readParents(columns.parents);
    this.readGenes(data.genome);
    this.line = data.tree.line.map((id) => this.place.get(id));
    this.family = new Set(data.tree.family.map((id) => this.place.get(id)));
    this.front = new Set(data.front.map((id) => this.place.get(id)));
    this.bestPlace = this.best === null ? -1 : this.place.get(this.best) ?? -1;
  }

  readParents({ counts, back }) {
    this.parents = [];
    this.children = this.id.map(() => []);
    let at = 0;
    unpack(counts).forEach((count, place) => {
      const ids = back.slice(at, (at += count)).map((step) => this.id[place] - step);
      const places = [...new Set(ids.map((id) => this.place.get(id)).filter((parent) => parent !== undefined))];
      this.parents.push(places);
      for (const parent of places) this.children[parent].push(place);
    });
  }

  readGenes({ genes, depth, layers }) {
    this.genes = genes.map((gene) => ({ ...gene, values: unpack(gene.values) }));
    this.depth = unpack(depth);
    this.layerGenes = layers.map((gene) => ({ ...gene, values: unpack(gene.values) }));
    this.firstLayer = [];
    let at = 0;
    for (const count of this.depth) {
      this.firstLayer.push(at);
      at += count;
    }
  }

  genesOf(place) {
    return this.genes.filter((gene) => gene.values[place] !== null).map((gene) => [gene.name, gene.values[place]]);
  }

  layersOf(place) {
    const layers = [];
    for (let layer = 0; layer < this.depth[place]; layer++) {
      const at = this.firstLayer[place] + layer;
      layers.push(Object.fromEntries(this.layerGenes.filter((g) => g.values[at] !== null).map((g) => [g.name, g.values[at]])));
    }
    return layers;
  }

  // The rows of its network, as `network_rows` tells them; null where the page does not have them.
  networkOf(place) {
    const rows = this.networks?.of[String(this.id[place])];
    if (!rows) return null;
    return rows.map((at) => {
      const [kind, words, shape, units, parameters, times, strong, joined, skips] = this.networks.rows[at];
      return { kind, words, shape, units, parameters, times, strong, joined, skips };
    });
  }

  // Everybody with the same network that was trained by the whole recipe, each measurement once.
  measurementsOf(place) {
    const seen = new Map();
    for (let at = 0; at < this.size; at++)
      if (this.network[at] === this.network[place] && this.counts(at) && !seen.has(this.replicate[at])) seen.set(this.replicate[at], at);
    return [...seen.values()];
  }

  // Whether its score can be compared with everybody's: of the whole recipe, and no failure.
  counts(place) {
    return this.status[place] === "ok" && this.rung[place] === null;
  }

  // How much better than a parent, larger is better; null where there is nothing to compare (as `lineage.gain`).
  gain(child, parent, objective = 0) {
    const ours = this.fitness[objective]?.[child] ?? null;
    const theirs = this.fitness[objective]?.[parent] ?? null;
    if (ours === null || theirs === null || this.network[child] === this.network[parent]) return null;
    if (this.rung[child] !== this.rung[parent]) return null;
    return this.objectives[objective].maximize ? ours - theirs : theirs - ours;
  }

  // Everything an individual can be coloured, filtered or compared by: name, kind, scale, values.
  get measures() {
    this.allMeasures ??= [...this.ownMeasures(), ...this.geneMeasures()];
    return this.allMeasures;
  }

  ownMeasures() {
    const found = this.objectives.map((objective, index) =>
      measure(objective.name, this.fitness[index], { scale: "", better: objective.maximize ? 1 : -1, group: "fitness" }),
    );
    const names = new Set(this.objectives.map((objective) => objective.name));
    for (const { name, values } of this.metrics) if (!names.has(name)) found.push(measure(name, values, { group: "fitness" }));
    for (const name of ["parameters", "flops"])
      if (!names.has(name) && this[name].some((value) => value !== null))
        found.push(measure(name, this[name], { scale: "log", group: "size" }));
    found.push(measure("operator", this.operator.map(familyOf), { group: "birth" }));
    found.push(measure("status", this.status, { group: "birth" }));
    found.push(measure("generation", this.generation, { group: "birth" }));
    found.push(measure("seconds", this.seconds, { scale: "log", group: "size" }));
    return found;
  }

  geneMeasures() {
    const found = this.genes.map((gene) => measure(gene.name, gene.values, { scale: gene.scale, group: "gene" }));
    if (new Set(this.depth).size > 1) found.push(measure("number of layers", this.depth, { scale: "linear", group: "gene" }));
    for (const gene of this.layerGenes) found.push(this.layerMeasure(gene));
    return found.filter((each) => each.distinct > 1);
  }

  // A gene of the layers as one value for the network: the mean of numbers, the most frequent of the others.
  layerMeasure(gene) {
    const numbers = gene.values.every((value) => value === null || isNumber(value));
    const values = this.depth.map((count, place) => {
      const own = gene.values.slice(this.firstLayer[place], this.firstLayer[place] + count).filter((v) => v !== null);
      if (!own.length) return null;
      return numbers ? own.reduce((sum, value) => sum + value, 0) / own.length : mostFrequent(own);
    });
    const name = numbers ? `${gene.name}, mean of the layers` : `${gene.name}, of most layers`;
    return measure(name, values, { scale: numbers && gene.scale === "ordinal" ? "linear" : gene.scale, group: "gene" });
  }
}

// "change_gene:momentum,rho + insert_layer" is of the family "change_gene + insert_layer".
export function familyOf(operator) {
  return operator
    .split(" + ")
    .map((part) => part.split(":")[0])
    .join(" + ");
}

function mostFrequent(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

function measure(name, values, { scale = "linear", better = 0, group }) {
  const known = values.filter((value) => value !== null);
  const distinct = new Set(known);
  const numeric = known.length > 0 && known.every(isNumber);
  const categories = numeric ? null : ranked(known);
  const positive = numeric && known.every((value) => value > 0);
  const [low, high] = numeric ? extent(known) : [0, 0];
  return { name, values, better, group, numeric, categories, distinct: distinct.size, low, high, log: scale === "log" && positive };
}

function ranked(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
}

export function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

export function quantile(sorted, share) {
  if (!sorted.length) return null;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}
