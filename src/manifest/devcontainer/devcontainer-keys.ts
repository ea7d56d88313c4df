/** The keys of a devcontainer.json that a bottle does not take: which of them are refused, which are ignored, and why. */

/** What would open a bottle, or would be missing without a word. A key with an empty value asks for nothing and is passed over. */
export const refusedKeys: ReadonlyMap<string, string> = new Map([
  [
    "mounts",
    'would bring folders of this machine into the bottle; name single files under "files" in the manifest',
  ],
  ["runArgs", 'would change how the container is walled off; the manifest has "limits" and "egress"'],
  ["privileged", "would take the bottle's walls down"],
  ["capAdd", "would give the agent rights over the kernel, and a bottle has none"],
  ["securityOpt", "would weaken the bottle's walls"],
  ["initializeCommand", "runs on this machine, outside of the bottle; run it yourself before the start"],
  [
    "workspaceMount",
    "would bring a folder of this machine into the bottle; the bottle has a copy of the workspace",
  ],
  ["dockerComposeFile", "starts several containers; name an image or a Dockerfile"],
  ["dockerFile", 'is the old form; write "build": { "dockerfile": … }'],
  ["context", 'is the old form; write "build": { "dockerfile": …, "context": … }'],
]);

const ports = 'opens no port; "claude-bottle port" shows a port of a running bottle on this machine';
const user = "is not used: the agent has a user of its own, with the home folder /home/node";
const starts = 'does not run; put it into "setup" of the manifest or into the agent\'s prompt';
const decides = "is not used: the bottle decides it itself";
const editor = "is for editors and is not used";

/** What a bottle can do without. */
export const ignoredKeys: ReadonlyMap<string, string> = new Map([
  ["name", "is not used: a bottle is named after its agent"],
  ["forwardPorts", ports],
  ["portsAttributes", ports],
  ["otherPortsAttributes", ports],
  ["appPort", ports],
  ["customizations", editor],
  ["extensions", editor],
  ["settings", editor],
  ["userEnvProbe", editor],
  ["remoteUser", user],
  ["containerUser", user],
  ["updateRemoteUserUID", user],
  ["workspaceFolder", "is not used: the workspace is /home/node/workspace"],
  ["postStartCommand", starts],
  ["postAttachCommand", starts],
  ["waitFor", "is not used: the agent starts after the setup"],
  ["overrideCommand", decides],
  ["shutdownAction", decides],
  ["init", decides],
  ["hostRequirements", 'is not used: "limits" in the manifest says what a bottle may use'],
  ["secrets", 'is not used: write secrets under "env" in the manifest'],
  [
    "overrideFeatureInstallOrder",
    "is not used: features are installed in the order of the file, and after those that they name",
  ],
  ["service", "is not used without a compose file"],
  ["runServices", "is not used without a compose file"],
]);

/** Where an editor finds the file's schema */
export const silentKeys: ReadonlySet<string> = new Set(["$schema"]);

/** True for a value that asks for nothing: `[]`, `{}`, `false`, `null`, an empty text. */
export function isEmptyValue(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === "";
}
