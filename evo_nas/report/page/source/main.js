// The page comes to life: unpack the data, then panel by panel, the first things first.
import { networkDrawing } from "./network.js";
import { paidPanels } from "./paid.js";
import { progressPanels } from "./progress.js";
import { readPayload, Run } from "./model.js";
import { timePanels } from "./time.js";
import { Tree } from "./tree.js";
import { keepPlace, watch } from "./watch.js";

const byId = (id) => document.getElementById(id);
const breath = () => new Promise((go) => setTimeout(go, 0));

function trouble(error) {
  const notice = byId("trouble");
  notice.hidden = false;
  notice.textContent = `A part of this page could not be drawn (${error?.message ?? error}). The tables hold what matters; a newer browser may show the rest.`;
}

// One panel that fails takes no other with it.
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    trouble(error);
    return null;
  }
}

async function start() {
  const run = new Run(await readPayload(byId("data").textContent));
  document.documentElement.classList.add("scripted-page");
  let tree = null;
  const select = (place) => {
    tree?.select(place);
    byId("tree").scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };
  await attempt(() => run.bestPlace >= 0 && byId("winner-network")?.append(networkDrawing(run, run.bestPlace) ?? ""));
  if (run.size) tree = await attempt(() => new Tree(run, byId("tree-panel")));
  else byId("tree-panel").append("Nobody has been proposed yet.");
  await breath();
  await attempt(() => progressPanels(run, byId("progress-panels"), select));
  await breath();
  await attempt(() => run.size && paidPanels(run, byId("paid-panels"), tree));
  await breath();
  await attempt(() => timePanels(run, byId("time-panels")));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-individual]");
    if (!link || !tree) return;
    event.preventDefault();
    select(run.place.get(Number(link.dataset.individual)) ?? -1);
  });
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => (each.open = true)));
  await attempt(() => tree && keepPlace(run, tree));
  document.documentElement.dataset.ready = "yes";
  window.report = { run, tree };
  watch();
}

start().catch(trouble);
