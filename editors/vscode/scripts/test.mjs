// Runs the bundled tests. `node --test` takes folders in some versions of Node.js, and patterns in others.
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const files = readdirSync("out").filter((name) => name.endsWith(".test.js")).map((name) => `out/${name}`);
run({ files, concurrency: true })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
