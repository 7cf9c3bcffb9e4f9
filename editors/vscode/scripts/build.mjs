// Bundles the extension into dist/extension.js, or with --tests each test, and what checks the package, into out/.
import { readdirSync } from "node:fs";
import { build } from "esbuild";

const tests = process.argv.includes("--tests");
const minify = process.argv.includes("--minify");

await build({
  entryPoints: tests ? ["scripts/check-package.ts", ...readdirSync("test").map((name) => `test/${name}`)] : ["src/extension.ts"],
  entryNames: "[name]",
  outdir: tests ? "out" : "dist",
  bundle: true,
  platform: "node",
  format: "cjs",
  // The Node.js of VS Code 1.91.
  target: "node20",
  external: ["vscode"],
  minify,
  sourcemap: !minify,
  logLevel: "warning",
});
