// The extension: what the user and VS Code do, and what becomes of it.

import * as vscode from "vscode";
import { onPythonSelected } from "./python";
import { pickRule } from "./rules";
import { Server } from "./server";
import { SECTION } from "./settings";
import { Status } from "./status";

// Milliseconds. The client tells a server of changed settings when it hears of them; one that is stopped by then makes an
// error of it that the user sees.
const PAUSE = 300;

let server: Server | undefined;
let pending: NodeJS.Timeout | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("infralint", { log: true });
  const trace = vscode.window.createOutputChannel("infralint (messages)", { log: true });
  const status = new Status();
  const started = new Server(log, trace, status);
  server = started;
  context.subscriptions.push(
    log,
    trace,
    status,
    vscode.commands.registerCommand("infralint.restart", () => started.restart()),
    vscode.commands.registerCommand("infralint.showOutput", () => {
      log.show();
    }),
    vscode.commands.registerCommand("infralint.explainRule", () => explainRule(started, log)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (["enable", "path", "args"].some((name) => event.affectsConfiguration(`${SECTION}.${name}`))) {
        clearTimeout(pending);
        pending = setTimeout(() => void started.reconsider(), PAUSE);
      }
    }),
    { dispose: () => { clearTimeout(pending); } },
    vscode.workspace.onDidChangeWorkspaceFolders(() => started.reconsider()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => started.restart()),
  );
  // Neither the server nor the Python extension need be waited for.
  void started.restart();
  void onPythonSelected(() => void started.reconsider(), log).then((selected) => {
    if (selected !== undefined) {
      context.subscriptions.push(selected);
    }
  });
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

async function explainRule(running: Server, log: vscode.LogOutputChannel): Promise<void> {
  if (running.running === undefined) {
    void vscode.window.showWarningMessage("infralint does not run: its output says why.");
    return;
  }
  const rule = await pickRule(running.running, log);
  if (rule !== undefined) {
    await running.explain(rule);
  }
}
