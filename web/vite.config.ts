import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { fixtures } from "./dev/fixtures.ts";
import { catalogues, NO_PARSER } from "./scripts/catalogues.ts";

// `npm run dev` answers /api from web/dev; with KOBAN_API=http://127.0.0.1:8400 it passes /api and /auth on to a real server.
/** Tooltips are drawn on the canvas; options are those of this version; its words are not shown: so these need not be shipped. */
const LEFT_OUT = {
  find: /^\.{1,2}\/(component\/tooltip\/|i18n\/|preprocessor\/)?(TooltipHTMLContent|langZH|backwardCompat)\.js$/,
  replacement: fileURLToPath(new URL("./scripts/chart-none.js", import.meta.url)),
};

const api = process.env.KOBAN_API;

export default defineConfig({
  plugins: [catalogues(), react(), ...(api ? [] : [fixtures()])],
  resolve: { alias: [NO_PARSER, LEFT_OUT] },
  optimizeDeps: { include: ["react-intl"] },
  server: { host: "127.0.0.1", port: 5400, ...(api ? { proxy: { "/api": api, "/auth": api } } : {}) },
  preview: { host: "127.0.0.1", port: 5401 },
  build: {
    outDir: "../src/koban/interfaces/api/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: "manifest.json",
    chunkSizeWarningLimit: 700,
  },
});
