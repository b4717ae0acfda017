// What is looked at stands in the address, so that a page of a run that goes on can be made anew and stay where it was.

export function keepPlace(run, tree) {
  const asked = /^#individual-(\d+)$/.exec(location.hash);
  if (asked) tree.select(run.place.get(Number(asked[1])) ?? -1);
  tree.listeners.push((place) => history.replaceState(null, "", place >= 0 ? `#individual-${run.id[place]}` : location.pathname + location.search));
}

const SECONDS = 5;

// Served by `evo-nas watch`: ask now and then whether the run has gone on, and load the page anew when it has.
export function watch() {
  const address = document.body.dataset.watched;
  if (!address) return;
  let seen = null;
  setInterval(async () => {
    try {
      const state = await (await fetch(address)).text();
      if (seen !== null && state !== seen) location.reload();
      seen = state;
    } catch {
      // The server has ended; the page stays as it is.
    }
  }, 1000 * SECONDS);
}
