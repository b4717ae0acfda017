// Searching the tree.

// A number is an id; "gene=value" compares; everything else is looked for in operators, messages and values of genes.
export function matching(run, query) {
  const found = new Set();
  const id = /^#?\d+$/.test(query) ? run.place.get(Number(query.replace("#", ""))) : undefined;
  if (id !== undefined) return found.add(id);
  const [name, wanted] = query.split("=").map((part) => part.trim());
  if (wanted !== undefined) {
    const columns = run.measures.filter((each) => each.name.toLowerCase().startsWith(name));
    for (const { values } of columns) values.forEach((value, place) => String(value).toLowerCase() === wanted && found.add(place));
    return found;
  }
  run.texts ??= textsOf(run);
  run.texts.forEach((text, place) => text.includes(query) && found.add(place));
  return found;
}

// Everything about an individual that can be searched, in small letters.
function textsOf(run) {
  const layers = run.layerGenes.filter((gene) => gene.values.some((value) => typeof value === "string"));
  return run.id.map((_, place) => {
    const [start, end] = [run.firstLayer[place], run.firstLayer[place] + run.depth[place]];
    const genes = run.genes.map((gene) => gene.values[place]).filter((value) => typeof value === "string");
    const inside = layers.flatMap((gene) => gene.values.slice(start, end));
    return [run.operator[place], run.message[place] ?? "", run.status[place], ...genes, ...inside].join(" ").toLowerCase();
  });
}
