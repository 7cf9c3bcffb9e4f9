// Where the server's program is: nothing here knows VS Code, so that tests can ask it about any machine.

import * as os from "node:os";
import * as path from "node:path";
import { stat } from "node:fs/promises";

/** What is said of where the program may be. */
export interface Places {
  /** The setting `infralint.path`; "" = look for it. */
  setting: string;
  /** The interpreter of the selected Python environment. */
  python?: string | undefined;
  /** The folders of the workspace. */
  folders: readonly string[];
  /** Whether programs inside these folders may be started. */
  trusted: boolean;
}

/** The machine. */
export interface Machine {
  platform: NodeJS.Platform;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  isFile(file: string): Promise<boolean>;
}

/** The program, and in words why it is this one. */
export interface Found {
  command: string;
  origin: string;
}

/** There is no program to start; the message is for the user. */
export class NotFoundError extends Error {}

const NAME = "infralint";
const ENVIRONMENTS = [".venv", "venv"];

/** This machine. */
export const thisMachine: Machine = {
  platform: process.platform,
  home: os.homedir(),
  env: process.env,
  isFile: async (file) => {
    try {
      return (await stat(file)).isFile();
    } catch {
      return false;
    }
  },
};

/**
 * The program to start: that of the setting, else of the selected Python environment, else of an environment in a folder
 * of the workspace, else on the PATH.
 *
 * A setting that names no program is an error, not a reason to start another one. In a workspace that is not trusted no
 * program inside it counts. Rejects with NotFoundError.
 */
export async function findServer(places: Places, machine: Machine): Promise<Found> {
  if (places.setting !== "") {
    return await named(places, machine);
  }
  for (const found of candidates(places, machine)) {
    if (isAllowed(found.command, places, machine) && (await machine.isFile(found.command))) {
      return found;
    }
  }
  const found = await onPath(NAME, places, machine);
  if (found === undefined) {
    throw new NotFoundError(
      places.trusted
        ? "infralint is neither in the selected Python environment, nor in the workspace's .venv, nor on the PATH."
        : "infralint is not on the PATH, and nothing inside a workspace that is not trusted is started.",
    );
  }
  return { command: found, origin: "PATH" };
}

async function named(places: Places, machine: Machine): Promise<Found> {
  const { setting } = places;
  const paths = pathsOf(machine);
  const origin = "infralint.path";
  const first = places.folders[0] ?? "";
  const expanded = setting
    .replace(/^~(?=$|[\\/])/, () => machine.home)
    .replaceAll(/\$\{workspace(?:Folder|Root)\}/g, () => first);
  if (!/[\\/]/.test(expanded)) {
    const found = await onPath(expanded, places, machine);
    if (found !== undefined) {
      return { command: found, origin };
    }
    throw new NotFoundError(`infralint.path is ${JSON.stringify(setting)}, and there is no such program on the PATH.`);
  }
  const file = paths.isAbsolute(expanded) ? expanded : paths.join(first, expanded);
  if (!isAllowed(file, places, machine)) {
    throw new NotFoundError(`infralint.path is ${JSON.stringify(setting)}, and nothing inside a workspace that is not trusted is started.`);
  }
  for (const command of withEndings(file, machine)) {
    if (paths.isAbsolute(command) && (await machine.isFile(command))) {
      return { command, origin };
    }
  }
  throw new NotFoundError(`infralint.path is ${JSON.stringify(setting)}, and there is no file ${file}.`);
}

function* candidates(places: Places, machine: Machine): Generator<Found> {
  const paths = pathsOf(machine);
  if (places.python !== undefined && paths.isAbsolute(places.python)) {
    // The interpreter of a conda environment on Windows lies above its Scripts.
    const folder = paths.dirname(places.python);
    for (const scripts of machine.platform === "win32" ? [folder, paths.join(folder, "Scripts")] : [folder]) {
      yield { command: program(scripts, machine), origin: "selected Python environment" };
    }
  }
  const scripts = machine.platform === "win32" ? "Scripts" : "bin";
  for (const folder of places.folders) {
    for (const environment of ENVIRONMENTS) {
      yield { command: program(paths.join(folder, environment, scripts), machine), origin: `${environment} of the workspace` };
    }
  }
}

function program(folder: string, machine: Machine): string {
  return pathsOf(machine).join(folder, machine.platform === "win32" ? `${NAME}.exe` : NAME);
}

/** A program on the PATH. Its relative folders are passed over: they would be looked for in whatever is open. */
async function onPath(name: string, places: Places, machine: Machine): Promise<string | undefined> {
  const paths = pathsOf(machine);
  const value = Object.entries(machine.env).find(([key]) => key === "PATH" || (machine.platform === "win32" && key.toUpperCase() === "PATH"));
  const folders = (value?.[1] ?? "").split(paths.delimiter).map((folder) => folder.replaceAll('"', ""));
  for (const folder of folders.filter((each) => paths.isAbsolute(each))) {
    for (const file of withEndings(paths.join(folder, name), machine)) {
      if (isAllowed(file, places, machine) && (await machine.isFile(file))) {
        return file;
      }
    }
  }
  return undefined;
}

/** On Windows only .exe files are programs that start without a shell. */
function withEndings(file: string, machine: Machine): string[] {
  return machine.platform === "win32" && !file.toLowerCase().endsWith(".exe") ? [`${file}.exe`] : [file];
}

function isAllowed(file: string, places: Places, machine: Machine): boolean {
  return places.trusted || !places.folders.some((folder) => isInside(file, folder, machine));
}

function isInside(file: string, folder: string, machine: Machine): boolean {
  const paths = pathsOf(machine);
  const relative = paths.relative(folder, file);
  return relative !== "" && relative !== ".." && !relative.startsWith(`..${paths.sep}`) && !paths.isAbsolute(relative);
}

function pathsOf(machine: Machine): path.PlatformPath {
  return machine.platform === "win32" ? path.win32 : path.posix;
}
