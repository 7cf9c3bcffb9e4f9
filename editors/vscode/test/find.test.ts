// Where the program is looked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { findServer, NotFoundError, type Machine, type Places } from "../src/find";

function machine(platform: NodeJS.Platform, files: string[], path: string): Machine {
  return { platform, home: platform === "win32" ? "C:\\Users\\u" : "/home/u", env: { [platform === "win32" ? "Path" : "PATH"]: path }, isFile: (file) => Promise.resolve(files.includes(file)) };
}

function places(given: Partial<Places>): Places {
  return { setting: "", folders: ["/p"], trusted: true, ...given };
}

const everywhere = ["/env/bin/infralint", "/p/.venv/bin/infralint", "/usr/bin/infralint", "/home/u/own", "/p/tools/own"];
const linux = machine("linux", everywhere, "/nowhere:/usr/bin");

const inOrder: [Partial<Places>, string, string][] = [
  [{ setting: "~/own", python: "/env/bin/python" }, "/home/u/own", "infralint.path"],
  [{ setting: "tools/own" }, "/p/tools/own", "infralint.path"],
  [{ setting: "${workspaceFolder}/tools/own" }, "/p/tools/own", "infralint.path"],
  [{ setting: "infralint" }, "/usr/bin/infralint", "infralint.path"],
  [{ python: "/env/bin/python" }, "/env/bin/infralint", "selected Python environment"],
  [{ python: "/other/bin/python" }, "/p/.venv/bin/infralint", ".venv of the workspace"],
  [{ folders: ["/q", "/p"] }, "/p/.venv/bin/infralint", ".venv of the workspace"],
  [{ folders: [] }, "/usr/bin/infralint", "PATH"],
  [{ trusted: false }, "/usr/bin/infralint", "PATH"],
  [{ trusted: false, python: "/env/bin/python" }, "/env/bin/infralint", "selected Python environment"],
  [{ trusted: false, python: "/p/.venv/bin/python" }, "/usr/bin/infralint", "PATH"],
];

for (const [given, command, origin] of inOrder) {
  test(`of ${JSON.stringify(given)} it is ${command}`, async () => {
    assert.deepEqual(await findServer(places(given), linux), { command, origin });
  });
}

test("a setting that names no file is an error, not a reason to look elsewhere", async () => {
  for (const setting of ["/not/there", "~/not-there", "not-there", "./not-there", "bin/"]) {
    await assert.rejects(findServer(places({ setting, python: "/env/bin/python" }), linux), (error: Error) => {
      assert.ok(error instanceof NotFoundError);
      return error.message.includes(JSON.stringify(setting));
    });
  }
});

test("a relative path in the setting needs a folder", async () => {
  await assert.rejects(findServer(places({ setting: "tools/own", folders: [] }), linux), NotFoundError);
});

test("where there is none, the message says where it was looked for", async () => {
  const empty = machine("linux", [], "/usr/bin");
  await assert.rejects(findServer(places({}), empty), /neither in the selected Python environment, nor in the workspace's \.venv, nor on the PATH/);
  await assert.rejects(findServer(places({ trusted: false }), empty), /not on the PATH, and nothing inside a workspace that is not trusted/);
});

test("a setting of the user's own leads into no workspace that is not trusted", async () => {
  for (const setting of ["tools/own", "./tools/own", "/p/tools/own", "${workspaceFolder}/tools/own"]) {
    assert.equal((await findServer(places({ setting }), linux)).origin, "infralint.path");
    await assert.rejects(findServer(places({ setting, trusted: false }), linux), /inside a workspace that is not trusted/);
  }
  assert.equal((await findServer(places({ setting: "~/own", trusted: false }), linux)).command, "/home/u/own");
});

test("folders of the PATH inside a workspace that is not trusted do not count, and relative ones never", async () => {
  const inside = machine("linux", ["/p/bin/infralint", "/p2/bin/infralint", "infralint", "bin/infralint"], ".:bin::/p/bin:/p2/bin");
  assert.equal((await findServer(places({}), inside)).command, "/p/bin/infralint");
  assert.equal((await findServer(places({ trusted: false }), inside)).command, "/p2/bin/infralint");
});

test("on Windows it is an .exe, in Scripts", async () => {
  const files = ["C:\\conda\\Scripts\\infralint.exe", "C:\\v\\Scripts\\infralint.exe", "D:\\p\\.venv\\Scripts\\infralint.exe", "C:\\bin\\infralint.exe", "C:\\tools\\own.exe"];
  const windows = machine("win32", files, '"C:\\bin";C:\\other');
  const of = async (given: Partial<Places>) => (await findServer(places({ folders: ["D:\\p"], ...given }), windows)).command;
  assert.equal(await of({ python: "C:\\conda\\python.exe" }), files[0]);
  assert.equal(await of({ python: "C:\\v\\Scripts\\python.exe" }), files[1]);
  assert.equal(await of({}), files[2]);
  assert.equal(await of({ trusted: false }), files[3]);
  assert.equal(await of({ setting: "C:\\tools\\own" }), files[4]);
  assert.equal(await of({ setting: "infralint" }), files[3]);
});
