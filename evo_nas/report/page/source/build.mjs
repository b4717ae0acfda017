// Bundles the page's script and style sheet into ../assets under names that hold their hash, with a manifest and the
// licences of what was bundled. `npm ci && npm run build`, once after every change here; the result is committed.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "..", "assets");
const hashOf = (text) => createHash("sha256").update(text).digest("hex");

// The libraries put style elements into the page, which its policy forbids; style.css says the same.
const withoutInjectedStyles = {
  name: "without-injected-styles",
  setup({ onLoad }) {
    onLoad({ filter: /(force-graph|float-tooltip)\.mjs$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("styleInject(css_248z);", ""),
      loader: "js",
    }));
  },
};

const result = await build({
  absWorkingDir: here,
  entryPoints: ["main.js", "style.css"],
  outdir: "out",
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: "es2022",
  charset: "ascii",
  legalComments: "none",
  metafile: true,
  plugins: [withoutInjectedStyles],
});

const packages = new Map();
for (const input of Object.keys(result.metafile.inputs)) {
  const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.set(found[1], join(here, "node_modules", found[1]));
}

const licences = [];
const credits = [];
for (const [name, folder] of [...packages].sort()) {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  licences.push(`${name} ${about.version} (${about.license})\n\n${file ? readFileSync(join(folder, file), "utf8").trim() : ""}`);
  credits.push(`${name} ${about.version} ${about.license}`);
}

const manifest = {};
for (const entry of readdirSync(assets)) if (!entry.startsWith(".")) rmSync(join(assets, entry));
for (const { path, text } of result.outputFiles) {
  const kind = path.endsWith(".css") ? "style" : "script";
  // "</script" or "<!--" inside would end the element that holds the text.
  const whole = kind === "script" ? `/* With ${credits.join(", ")}; see licences.txt of evo-nas. */${text.trim()}` : text.trim();
  if (/<\/(script|style)|<!--/i.test(whole)) throw new Error(`${basename(path)} holds a text that would end its element`);
  manifest[kind] = `page-${hashOf(whole).slice(0, 16)}${kind === "script" ? ".js" : ".css"}`;
  writeFileSync(join(assets, manifest[kind]), whole);
}
const sources = readdirSync(here).filter((entry) => /\.(js|css|mjs|json)$/.test(entry)).sort();
manifest.sources = Object.fromEntries(sources.map((entry) => [entry, hashOf(readFileSync(join(here, entry)))]));
writeFileSync(join(assets, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
writeFileSync(join(assets, "licences.txt"), `${licences.join(`\n\n${"-".repeat(78)}\n\n`)}\n`);
