// The Python environment that the user selected, as the extension ms-python.python tells it.

import * as vscode from "vscode";

// Of the API that the extension publishes as `@vscode/python-extension`, what is used here.
interface PythonApi {
  ready: Promise<unknown>;
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (extension === undefined) {
    return undefined;
  }
  const api = await extension.activate();
  await api.ready;
  return api;
}

/** The interpreter selected for a folder; undefined without the Python extension, or where none is selected. */
export async function selectedPython(folder: vscode.Uri | undefined, log: vscode.LogOutputChannel): Promise<string | undefined> {
  try {
    const environments = (await pythonApi())?.environments;
    const environment = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(folder));
    return environment?.executable.uri?.fsPath;
  } catch (error) {
    log.warn(`The Python extension does not tell its environment: ${String(error)}`);
    return undefined;
  }
}

/** Calls back when another environment is selected. */
export async function onPythonSelected(callback: () => void, log: vscode.LogOutputChannel): Promise<vscode.Disposable | undefined> {
  try {
    return (await pythonApi())?.environments.onDidChangeActiveEnvironmentPath(callback);
  } catch (error) {
    log.warn(`The Python extension does not tell when its environment changes: ${String(error)}`);
    return undefined;
  }
}
