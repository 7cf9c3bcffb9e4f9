// The real `infralint server`, spoken to as the extension does. INFRALINT names the program; else it is looked for in
// this checkout and on the PATH.

import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { minimatch } from "minimatch";
import { TextDocument } from "vscode-languageserver-textdocument";
import * as lsp from "vscode-languageserver-protocol/node";
import { parseRules, rulesArguments } from "../src/arguments";
import { findServer, thisMachine } from "../src/find";
import { selector } from "../src/selector";

const MODELS = `
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "people"
    id: Mapped[int] = mapped_column(primary_key=True)
    pets = relationship("Pett")


class Pet(Base):
    __tablename__ = "pets"
    id: Mapped[int] = mapped_column(primary_key=True)
`;
const DOCKERFILE = "FROM python:latest\nCOPY app /app\n";

let root: string;
let server: ChildProcess;
let connection: lsp.ProtocolConnection;
let initialized: lsp.InitializeResult;
let version = 0;
const published = new Map<string, lsp.Diagnostic[]>();
const waiting = new Set<() => void>();
const asked: lsp.ConfigurationItem[] = [];

function uri(name: string): string {
  return pathToFileURL(join(root, name)).href;
}

/** The findings of a file, as soon as they are as wanted; the runner's own limit ends a wait in vain. */
async function findings(name: string, wanted: (rules: string[]) => boolean): Promise<lsp.Diagnostic[]> {
  for (;;) {
    const found = published.get(uri(name));
    if (found !== undefined && wanted(found.map(({ code }) => String(code)))) {
      return found;
    }
    await new Promise<void>((done) => waiting.add(done));
  }
}

async function program(): Promise<string> {
  return process.env["INFRALINT"] ?? (await findServer({ setting: "", folders: [resolve("../..")], trusted: true }, thisMachine)).command;
}

before(async () => {
  root = await mkdtemp(join(tmpdir(), "infralint-vscode-"));
  await writeFile(join(root, "infralint.toml"), 'select = ["image-latest-tag", "orm-unresolved-relationship"]\n');
  await writeFile(join(root, "Dockerfile"), DOCKERFILE);
  await writeFile(join(root, "models.py"), MODELS);
  server = spawn(await program(), ["server"], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  assert.ok(server.stdout !== null && server.stdin !== null);
  connection = lsp.createProtocolConnection(new lsp.StreamMessageReader(server.stdout), new lsp.StreamMessageWriter(server.stdin));
  connection.onNotification(lsp.PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
    published.set(pathToFileURL(fileURLToPath(uri)).href, diagnostics);
    for (const done of waiting) {
      done();
    }
    waiting.clear();
  });
  connection.onRequest(lsp.ConfigurationRequest.type, ({ items }) => {
    asked.push(...items);
    return items.map(() => ({ run: "onType" }));
  });
  connection.onRequest(lsp.RegistrationRequest.type, () => undefined);
  connection.listen();
  initialized = await connection.sendRequest(lsp.InitializeRequest.type, {
    processId: process.pid,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the protocol wants it said
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(root).href, name: "project" }],
    initializationOptions: { run: "onType" },
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      textDocument: {
        publishDiagnostics: { relatedInformation: true, codeDescriptionSupport: true, dataSupport: true, versionSupport: true },
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } }, isPreferredSupport: true },
        hover: { contentFormat: ["markdown"] },
      },
      workspace: { configuration: true, workspaceFolders: true, workspaceEdit: { documentChanges: true } },
    },
  });
  await connection.sendNotification(lsp.InitializedNotification.type, {});
});

after(async () => {
  connection.dispose();
  server.kill();
  await rm(root, { recursive: true, force: true });
});

async function type(text: string): Promise<void> {
  version += 1;
  await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, {
    textDocument: { uri: uri("Dockerfile"), version },
    contentChanges: [{ text }],
  });
}

const limit = { timeout: 60_000 };

test("it says what it is and what it can", limit, () => {
  assert.equal(initialized.serverInfo?.name, "infralint");
  assert.match(initialized.serverInfo.version ?? "", /^\d+\.\d+/);
  const commands = initialized.capabilities.executeCommandProvider?.commands ?? [];
  assert.ok(commands.includes("infralint.explain"));
  // The commands of the extension must not take the names of the server's, which the client registers itself.
  assert.ok(!commands.includes("infralint.explainRule"));
});

test("findings of a document that is opened, typed in and mended", limit, async () => {
  await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, {
    textDocument: { uri: uri("Dockerfile"), languageId: "dockerfile", version, text: DOCKERFILE },
  });
  const [found] = await findings("Dockerfile", (rules) => rules.includes("image-latest-tag"));
  assert.ok(found !== undefined);
  assert.equal(found.source, "infralint");
  assert.deepEqual(found.range, { start: { line: 0, character: 5 }, end: { line: 0, character: 18 } });
  await type("FROM python:3.13.1\n");
  assert.deepEqual(await findings("Dockerfile", (rules) => rules.length === 0), []);
  await type(`# é😀\n${DOCKERFILE}`);
  const [moved] = await findings("Dockerfile", (rules) => rules.length > 0);
  assert.equal(moved?.range.start.line, 1);
  assert.deepEqual(asked, asked.map(() => ({ section: "infralint" })));
});

test("a file that is not open, and the quick fix that mends it", limit, async () => {
  const [found] = await findings("models.py", (rules) => rules.length > 0);
  assert.equal(found?.code, "orm-unresolved-relationship");
  const textDocument = { uri: uri("models.py") };
  await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, {
    textDocument: { ...textDocument, languageId: "python", version: 1, text: MODELS },
  });
  const actions = await connection.sendRequest(lsp.CodeActionRequest.type, { textDocument, range: found.range, context: { diagnostics: [found] } });
  // A fix comes before what is offered for every finding.
  const fix = actions?.filter(lsp.CodeAction.is).find(({ edit }) => edit !== undefined);
  const [change] = fix?.edit?.documentChanges?.filter(lsp.TextDocumentEdit.is) ?? [];
  const edits = change?.edits.filter(lsp.TextEdit.is) ?? [];
  const text = TextDocument.applyEdits(TextDocument.create(textDocument.uri, "python", 1, MODELS), edits);
  assert.equal(text, MODELS.replace("Pett", "Pet"));
  await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, { textDocument: { ...textDocument, version: 2 }, contentChanges: [{ text }] });
  assert.deepEqual(await findings("models.py", (rules) => rules.length === 0), []);
});

test("the page of the rule under the pointer", limit, async () => {
  const hover = await connection.sendRequest(lsp.HoverRequest.type, { textDocument: { uri: uri("Dockerfile") }, position: { line: 1, character: 8 } });
  assert.ok(hover !== null && lsp.MarkupContent.is(hover.contents));
  assert.ok(hover.contents.value.includes("image-latest-tag"));
});

test("the command lists the rules of the same program", limit, async () => {
  const output = execFileSync(await program(), rulesArguments(["server"]) ?? [], { encoding: "utf8" });
  assert.ok(parseRules(output).some(({ id, title }) => id === "image-latest-tag" && title !== ""));
});

test("each file with a finding is one that the extension tells the server of", limit, async () => {
  const patterns = selector.flatMap(({ pattern }) => (pattern === undefined ? [] : [pattern]));
  for (const name of published.keys()) {
    assert.ok(patterns.some((pattern) => minimatch(fileURLToPath(name), pattern, { dot: true })), name);
  }
  assert.equal(await readFile(join(root, "Dockerfile"), "utf8"), DOCKERFILE);
});

test("it ends when it is told to", limit, async () => {
  await connection.sendRequest(lsp.ShutdownRequest.type);
  const ended = once(server, "exit");
  await connection.sendNotification(lsp.ExitNotification.type);
  assert.deepEqual((await ended)[0], 0);
});
