// Who stands beside whom, and whose branch lives on.

export function neighbour(tree, place, step) {
  const { run } = tree;
  const row = tree.nodes.filter((node) => run.generation[node.id] === run.generation[place] && tree.visible[node.id]).sort((a, b) => a.y - b.y || a.x - b.x);
  return row[row.findIndex((node) => node.id === place) + step]?.id;
}

// Who has a descendant in the last generation, or is the winner or its kin: everybody else's branch died out.
export function ancestorsOfTheLatest(run) {
  const alive = new Uint8Array(run.size);
  const last = run.generation.reduce((a, b) => Math.max(a, b), 0);
  const waiting = [...run.family];
  for (let place = 0; place < run.size; place++) if (run.generation[place] === last) waiting.push(place);
  while (waiting.length) {
    const place = waiting.pop();
    if (alive[place]) continue;
    alive[place] = 1;
    waiting.push(...run.parents[place]);
  }
  return alive;
}
