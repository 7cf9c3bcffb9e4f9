// The settings of the extension.

import { homedir } from "node:os";
import * as vscode from "vscode";

export const SECTION = "infralint";

/** What decides how the server is started. */
export interface StartSettings {
  enable: boolean;
  path: string;
  args: string[];
}

export function startSettings(): StartSettings {
  const settings = vscode.workspace.getConfiguration(SECTION);
  return {
    enable: settings.get("enable", true),
    path: settings.get("path", "").trim(),
    args: settings.get<string[]>("args", ["server"]),
  };
}

/** Where programs are started: `uv run` takes its environment from there, so never in a workspace that is not trusted. */
export function startFolder(): string {
  const first = vscode.workspace.isTrusted ? vscode.workspace.workspaceFolders?.[0] : undefined;
  return first?.uri.fsPath ?? homedir();
}

/** What the server is told; the rest is not its business. */
export function serverSettings(): { run: string } {
  return { run: vscode.workspace.getConfiguration(SECTION).get("run", "onType") };
}
