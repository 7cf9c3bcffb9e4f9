// `node out/check-package.js FILE.vsix`: what the package holds, and that its parts belong together.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { inflateRawSync } from "node:zlib";

/** The files of a zip archive (APPNOTE 6.3.10, 4.3.12: the central directory says where each is). */
function unpack(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = archive.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size, nameSize, extraSize, commentSize, start] = [
      archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20), archive.readUInt16LE(at + 28),
      archive.readUInt16LE(at + 30), archive.readUInt16LE(at + 32), archive.readUInt32LE(at + 42),
    ];
    const name = archive.toString("utf8", at + 46, at + 46 + nameSize);
    const data = start + 30 + archive.readUInt16LE(start + 26) + archive.readUInt16LE(start + 28);
    const content = archive.subarray(data, data + size);
    files.set(name, method === 0 ? content : inflateRawSync(content));
    at += 46 + nameSize + extraSize + commentSize;
  }
  return files;
}

const files = unpack(readFileSync(process.argv[2] ?? "dist/infralint.vsix"));
const names = [...files.keys()].filter((name) => !name.endsWith("/")).sort();
assert.deepEqual(names, [
  "[Content_Types].xml", "extension.vsixmanifest", "extension/LICENSE.txt", "extension/changelog.md", "extension/dist/extension.js",
  "extension/icon.png", "extension/package.json", "extension/readme.md",
]);
const bundle = files.get("extension/dist/extension.js")?.toString("utf8") ?? "";
// Everything but Node.js and VS Code themselves is inside.
const wanted = new Set([...bundle.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => (name ?? "").replace(/^node:/, "")));
const given = new Set(["vscode", ...builtinModules]);
assert.deepEqual([...wanted].filter((name) => !given.has(name)), []);
assert.ok(bundle.includes("infralint.explainRule"));
const size = [...files.values()].reduce((sum, { length }) => sum + length, 0);
assert.ok(size < 1_500_000, `${size} bytes`);
console.log(`${names.length} files, ${size} bytes`);
