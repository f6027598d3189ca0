// What the first page (Overview) loads as JavaScript, gzipped: its entry, its own chunk and the language. Fails beyond the limit.
import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 150;
const OUT = new URL("../../src/koban/interfaces/api/static/", import.meta.url);
const FIRST = ["index.html", "src/pages/overview/Overview.tsx"];
const LANGUAGES = ["src/i18n/en.ts", "src/i18n/ja.ts"];

const manifestFile = new URL("manifest.json", OUT);
if (!existsSync(manifestFile)) {
  console.error("no build: run npm run build");
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));

function collect(key, files) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the build`);
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const other of chunk.imports ?? []) collect(other, files);
  return files;
}

const gzipped = (file) => gzipSync(readFileSync(new URL(file, OUT)), { level: 9 }).length;

const files = new Set();
for (const key of FIRST) collect(key, files);
const language = LANGUAGES.map((key) => [...collect(key, new Set())].filter((file) => !files.has(file))).sort(
  (a, b) => sum(b) - sum(a),
)[0];
for (const file of language) files.add(file);

function sum(list) {
  return list.reduce((total, file) => total + gzipped(file), 0);
}

let total = 0;
for (const file of files) {
  const size = gzipped(file);
  total += size;
  console.log(`${(size / 1000).toFixed(1).padStart(8)} kB  ${file}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  the first page's JavaScript, gzipped (limit ${LIMIT_KB})`);
process.exit(total > LIMIT_KB * 1000 ? 1 : 0);
