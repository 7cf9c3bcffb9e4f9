// What package.json promises is what the code keeps.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface Manifest {
  contributes: {
    commands: { command: string }[];
    configuration: { properties: Record<string, { default: unknown; scope: string }> };
  };
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  dependencies?: unknown;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const sources = ["extension", "server", "settings", "status"].map((name) => readFileSync(`src/${name}.ts`, "utf8")).join("\n");

test("each command is registered, and no other", () => {
  const registered = [...sources.matchAll(/registerCommand\("([^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(registered.sort(), manifest.contributes.commands.map(({ command }) => command).sort());
});

test("settings that decide what is started are kept from workspaces that are not trusted", () => {
  const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  assert.equal(supported, "limited");
  assert.deepEqual(restrictedConfigurations, ["infralint.path", "infralint.args"]);
});

test("each setting is described in the README", () => {
  const readme = readFileSync("README.md", "utf8");
  for (const name of Object.keys(manifest.contributes.configuration.properties)) {
    assert.ok(readme.includes(`\`${name}\``), name);
  }
});

test("everything is in the bundle", () => {
  assert.equal(manifest.dependencies, undefined);
});

test("the types are those of the oldest VS Code that is supported", () => {
  assert.equal(manifest.devDependencies["@types/vscode"]?.replace("~", "^"), manifest.engines.vscode);
});

test("the lock file says versions and digests, and no addresses", () => {
  const lock = readFileSync("package-lock.json", "utf8");
  assert.ok(lock.includes('"integrity": "sha512-'));
  assert.ok(!lock.includes('"resolved"'));
});
