// What the language status (the braces in the status bar) says of the server.

import * as vscode from "vscode";
import { selector } from "./selector";

export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem("infralint.status", selector);

  constructor() {
    this.item.name = "infralint";
    this.item.command = { title: "Show Output", command: "infralint.showOutput" };
  }

  starting(): void {
    this.say("infralint", "starting", vscode.LanguageStatusSeverity.Information, true);
  }

  running(version: string, command: string): void {
    this.say(`infralint ${version}`.trim(), command, vscode.LanguageStatusSeverity.Information);
  }

  stopped(): void {
    this.say("infralint", "switched off", vscode.LanguageStatusSeverity.Information);
  }

  failed(reason: string): void {
    this.say("infralint", reason, vscode.LanguageStatusSeverity.Error);
  }

  dispose(): void {
    this.item.dispose();
  }

  private say(text: string, detail: string, severity: vscode.LanguageStatusSeverity, busy = false): void {
    this.item.text = text;
    this.item.detail = detail;
    this.item.severity = severity;
    this.item.busy = busy;
  }
}
