/** Credential plugins of a kubeconfig: a program of a cloud's that is run, and says a token or a certificate (client.authentication.k8s.io). */
import { Secret } from "../core/secret.ts";
import { quote } from "../core/text.ts";
import type { AccessWorld, Credential, CredentialSource } from "./access.ts";
import { noAccess } from "./access-error.ts";
import { readFields, readList, readText, resolvePath } from "./kubeconfig.ts";
import type { ConfigEntry } from "./kubeconfig.ts";

const limitMs = 60_000;
/** So long before its end a credential is replaced */
const marginMs = 10_000;
const apiVersions: ReadonlySet<string> = new Set([
  "client.authentication.k8s.io/v1",
  "client.authentication.k8s.io/v1beta1",
]);

interface ClusterInfo {
  readonly server: string;
  readonly authority: string | undefined;
}

interface Kept {
  readonly credential: Credential;
  readonly until: number;
}

/** Runs the plugin when there is no credential that still counts; calls at the same time share one run. */
export function makePluginSource(
  world: AccessWorld,
  plugin: ConfigEntry,
  cluster: ClusterInfo,
): CredentialSource {
  let kept: Promise<Kept> | undefined;
  const renew = (): Promise<Kept> => {
    const running = runPlugin(world, plugin, cluster);
    kept = running;
    // A failure is not kept
    running.catch(() => {
      if (kept === running) kept = undefined;
    });
    return running;
  };
  return async (isRefused) => {
    const known = isRefused ? undefined : kept;
    if (!known) return (await renew()).credential;
    const { credential, until } = await known;
    if (until - marginMs > world.now()) return credential;
    // Whoever came first has begun it
    return (await (kept === known || !kept ? renew() : kept)).credential;
  };
}

async function runPlugin(world: AccessWorld, plugin: ConfigEntry, cluster: ClusterInfo): Promise<Kept> {
  const { fields } = plugin;
  const name = readText(fields, "command") ?? "";
  const apiVersion = readText(fields, "apiVersion") ?? "";
  if (!apiVersions.has(apiVersion))
    throw pluginFailed(name, `the kubeconfig asks it for ${quote(apiVersion)}, which is not spoken here`);
  if (readText(fields, "interactiveMode") === "Always")
    throw pluginFailed(name, "it asks for something at a terminal, which is the agent's here");
  const command = name.includes("/") ? resolvePath(plugin, name) : name;
  const words = Array.isArray(fields["args"]) ? fields["args"].map(String) : [];
  const own = readList(fields["env"]).map((entry) => [String(entry["name"]), String(entry["value"])]);
  const env = { ...present(world.env), ...Object.fromEntries(own) };
  const text = await run([command, ...words], {
    ...env,
    KUBERNETES_EXEC_INFO: renderInfo(apiVersion, cluster),
  }).catch((cause: unknown) => {
    throw pluginFailed(
      name,
      cause instanceof Error ? cause.message : String(cause),
      readText(fields, "installHint"),
    );
  });
  return readCredential(name, text);
}

function renderInfo(apiVersion: string, { server, authority }: ClusterInfo): string {
  const data =
    authority === undefined
      ? {}
      : { "certificate-authority-data": Buffer.from(authority).toString("base64") };
  return JSON.stringify({
    apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, cluster: { server, ...data } },
  });
}

/** What it says on its error output is not repeated: nobody knows what stands in it. */
async function run(command: readonly string[], env: Record<string, string>): Promise<string> {
  const child = Bun.spawn([...command], {
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: limitMs,
  });
  const [text, code] = await Promise.all([child.stdout.text(), child.exited]);
  if (child.signalCode !== null) throw new Error(`it was ended by ${child.signalCode}`);
  if (code !== 0) throw new Error(`it ended with ${code}`);
  return text;
}

function readCredential(name: string, text: string): Kept {
  let status: Readonly<Record<string, unknown>>;
  try {
    status = readFields(readFields(JSON.parse(text))["status"]);
  } catch {
    throw pluginFailed(name, "what it says is not JSON");
  }
  const token = readText(status, "token");
  const certificate = readText(status, "clientCertificateData");
  const key = readText(status, "clientKeyData");
  if (token === undefined && (certificate === undefined || key === undefined))
    throw pluginFailed(name, "it gave neither a token nor a certificate");
  const end = Date.parse(readText(status, "expirationTimestamp") ?? "");
  return {
    credential: {
      ...(token === undefined ? {} : { token: new Secret(token) }),
      ...(certificate === undefined || key === undefined ? {} : { certificate, key: new Secret(key) }),
    },
    until: Number.isNaN(end) ? Number.POSITIVE_INFINITY : end,
  };
}

function present(env: AccessWorld["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function pluginFailed(name: string, why: string, installHint?: string) {
  return noAccess(
    `the credential plugin ${quote(name)} gives nothing: ${why}`,
    installHint === undefined
      ? `Run "kubectl get pods" to see what ${quote(name)} says.`
      : `Install it: ${quote(installHint, 500)}`,
  );
}
