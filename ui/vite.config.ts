/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { groups } from "./chunks.ts";

const server = process.env.TRUNKLINE_SERVER ?? "http://127.0.0.1:8080";

/** Assets are relative to `<base>`, which the server writes: so one build serves any path prefix. */
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../app/static/ui",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 3_000,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  worker: { format: "es" },
  server: { proxy: { "/api": server, "/health": server } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
});
