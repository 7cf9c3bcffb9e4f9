// The language server: started, stopped, and started anew one at a time.

import * as vscode from "vscode";
import { ExecuteCommandRequest, LanguageClient, State } from "vscode-languageclient/node";
import { findServer, thisMachine } from "./find";
import { selectedPython } from "./python";
import type { Program } from "./rules";
import { selector } from "./selector";
import { SECTION, serverSettings, startFolder, startSettings } from "./settings";
import type { Status } from "./status";

const SETTINGS = "Open Settings";
const OUTPUT = "Show Output";

export class Server {
  private client: LanguageClient | undefined;
  private program: Program | undefined;
  private shown: string | undefined;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly log: vscode.LogOutputChannel,
    private readonly trace: vscode.LogOutputChannel,
    private readonly status: Status,
  ) {}

  /** Start it anew, by the settings as they are. */
  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.halt();
      await this.start();
    });
  }

  /** Start it anew if another program would be started now, or stop it where none would. */
  reconsider(): Promise<void> {
    return this.inTurn(async () => {
      const wanted = startSettings().enable ? await this.find().catch(() => undefined) : undefined;
      if (wanted === undefined || JSON.stringify(wanted) !== JSON.stringify(this.program)) {
        await this.halt();
        await this.start();
      }
    });
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.halt());
  }

  /** The program that runs; undefined where none does. */
  get running(): Program | undefined {
    return this.client === undefined || this.client.state === State.Stopped ? undefined : this.program;
  }

  /** Show the page of a rule. */
  async explain(rule: string): Promise<void> {
    await this.client?.sendRequest(ExecuteCommandRequest.type, { command: "infralint.explain", arguments: [rule] });
  }

  private inTurn(action: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(action).catch((error: unknown) => {
      this.log.error(String(error));
    });
    return this.turn;
  }

  private async find(): Promise<Program & { origin: string }> {
    const { path, args } = startSettings();
    const folders = vscode.workspace.workspaceFolders ?? [];
    const places = {
      setting: path,
      python: path === "" ? await selectedPython(folders[0]?.uri, this.log) : undefined,
      folders: folders.map((folder) => folder.uri.fsPath),
      trusted: vscode.workspace.isTrusted,
    };
    return { ...(await findServer(places, thisMachine)), args };
  }

  private async start(): Promise<void> {
    if (!startSettings().enable) {
      this.status.stopped();
      return;
    }
    this.status.starting();
    let program;
    try {
      program = await this.find();
    } catch (error) {
      this.giveUp(error instanceof Error ? error.message : String(error));
      return;
    }
    this.program = program;
    this.log.info(`Starting ${program.command} ${program.args.join(" ")} (${program.origin})`);
    await this.run(program);
  }

  private async run(program: Program): Promise<void> {
    const client = new LanguageClient(
      SECTION,
      "infralint",
      { command: program.command, args: program.args, options: { cwd: startFolder() } },
      {
        documentSelector: selector,
        initializationOptions: serverSettings(),
        outputChannel: this.log,
        traceOutputChannel: this.trace,
        middleware: {
          workspace: {
            configuration: ({ items }) => items.map(({ section }) => (section === SECTION ? serverSettings() : null)),
          },
          window: {
            showDocument: async (parameters, token, next) => {
              const page = vscode.Uri.parse(parameters.uri);
              if (!/\/infralint-pages-[^/]*\/[^/]*\.md$/.test(page.path)) {
                return await next(parameters, token);
              }
              await vscode.commands.executeCommand("markdown.showPreview", page);
              return { success: true };
            },
          },
        },
      },
    );
    client.onDidChangeState(({ newState }) => {
      if (client !== this.client) {
        return;
      }
      if (newState === State.Running) {
        this.status.running(client.initializeResult?.serverInfo?.version ?? "", program.command);
      } else if (newState === State.Stopped) {
        this.status.failed("the server has stopped");
      } else {
        this.status.starting();
      }
    });
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.giveUp(`${program.command} does not start: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Say why there is no server; one reason is shown once. */
  private giveUp(reason: string): void {
    this.status.failed(reason);
    this.log.error(reason);
    if (reason === this.shown) {
      return;
    }
    this.shown = reason;
    void vscode.window.showWarningMessage(reason, SETTINGS, OUTPUT).then(async (answer) => {
      if (answer === SETTINGS) {
        await vscode.commands.executeCommand("workbench.action.openSettings", "infralint.path");
      } else if (answer === OUTPUT) {
        this.log.show();
      }
    });
  }

  private async halt(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.program = undefined;
    if (client === undefined) {
      return;
    }
    try {
      await client.dispose();
    } catch (error) {
      // It did not start, or is gone already.
      this.log.debug(String(error));
    }
  }
}
