import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { fixtures } from "./dev/fixtures.ts";
import { catalogues, NO_PARSER } from "./scripts/catalogues.ts";

// `npm run dev` answers /api from web/dev; with KOBAN_API=http://127.0.0.1:8400 it passes /api and /auth on to a real server.
const api = process.env.KOBAN_API;

export default defineConfig({
  plugins: [catalogues(), react(), ...(api ? [] : [fixtures()])],
  resolve: { alias: [NO_PARSER] },
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
