// The settings of the extension.

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

/** What the server is told; the rest is not its business. */
export function serverSettings(): { run: string } {
  return { run: vscode.workspace.getConfiguration(SECTION).get("run", "onType") };
}
