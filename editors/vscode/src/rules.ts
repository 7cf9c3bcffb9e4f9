// The command that shows the page of a rule.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { parseRules, rulesArguments } from "./arguments";
import { startFolder } from "./settings";

/** How to start the program. */
export interface Program {
  command: string;
  args: string[];
}

/** The rule that the user picks: those of the open document first. */
export async function pickRule(program: Program, log: vscode.LogOutputChannel): Promise<string | undefined> {
  const here = new Set(rulesHere());
  const rules = await allRules(program).catch((error: unknown) => {
    log.warn(`${program.command} does not list its rules: ${String(error)}`);
    return [];
  });
  const known = rules.length > 0 ? rules : [...here].map((id) => ({ id, title: "" }));
  const items = known.map(({ id, title }) => ({ label: id, description: title, isHere: here.has(id) }));
  items.sort((one, other) => Number(other.isHere) - Number(one.isHere));
  return (await vscode.window.showQuickPick(items, { placeHolder: "Rule", matchOnDescription: true }))?.label;
}

function rulesHere(): string[] {
  const document = vscode.window.activeTextEditor?.document;
  const found = document === undefined ? [] : vscode.languages.getDiagnostics(document.uri);
  return found.filter(({ source }) => source === "infralint").map(({ code }) => String(typeof code === "object" ? code.value : code));
}

async function allRules({ command, args }: Program): Promise<{ id: string; title: string }[]> {
  const listing = rulesArguments(args);
  if (listing === undefined) {
    return [];
  }
  const { stdout } = await promisify(execFile)(command, listing, { timeout: 30_000, maxBuffer: 1 << 24, cwd: startFolder() });
  return parseRules(stdout);
}
