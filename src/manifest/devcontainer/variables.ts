/** The variables of a devcontainer.json: what stands for a place in the bottle gets it, and the others are refused. */
import { bottleHome } from "../../core/bottle-home.ts";

const workspaceName = "workspace";

/** Others of the form `${…}` are the shell's, or plain text */
const known =
  /\$\{(localEnv|containerEnv|localWorkspaceFolder|localWorkspaceFolderBasename|containerWorkspaceFolder|containerWorkspaceFolderBasename|devcontainerId|env)(?::[^}]*)?\}/g;

const values: ReadonlyMap<string, string> = new Map([
  ["containerWorkspaceFolder", `${bottleHome}/${workspaceName}`],
  ["containerWorkspaceFolderBasename", workspaceName],
]);

const thisMachine =
  "stands for a folder of this machine, which the bottle has not; use ${containerWorkspaceFolder}";
const reasons: ReadonlyMap<string, string> = new Map([
  ["localEnv", 'copies a variable of this machine; write it under "env" in the manifest: "NAME": "${NAME}"'],
  ["env", 'copies a variable of this machine; write it under "env" in the manifest: "NAME": "${NAME}"'],
  [
    "containerEnv",
    "stands for a variable of the image, which is not known before the start; write the value",
  ],
  ["localWorkspaceFolder", thisMachine],
  ["localWorkspaceFolderBasename", thisMachine],
  ["devcontainerId", "stands for an id that a bottle has not"],
]);

export type Filled =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/** Puts values in place of the variables. */
export function fillVariables(text: string): Filled {
  for (const [whole, name = ""] of text.matchAll(known)) {
    const reason = reasons.get(name);
    // A value could be a secret, so only the variable is said
    if (reason !== undefined) return { ok: false, problem: `has \${${name}…}, which ${reason}` };
    if (!values.has(name)) throw new Error(`No value for ${whole}`);
  }
  return { ok: true, text: text.replace(known, (_, name: string) => values.get(name) ?? "") };
}
