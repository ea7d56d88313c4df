/** Where a cluster is: what $KUBECONFIG says, or ~/.kube/config, or the cluster that this program runs in. */
import { Secret } from "../core/secret.ts";
import { quote } from "../core/text.ts";
import type { Access, AccessWorld, Credential, CredentialSource } from "./access.ts";
import { noAccess } from "./access-error.ts";
import { makePluginSource } from "./credential-plugin.ts";
import { readFields, readKubeconfig, readText, resolvePath } from "./kubeconfig.ts";
import type { ConfigEntry, ConfigFile } from "./kubeconfig.ts";
import { findProxy } from "./find-proxy.ts";

/** What a Pod has of its service account */
const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface AccessChoice {
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Reads only; nothing is asked of the cluster, and no plugin is run. */
export async function findAccess(world: AccessWorld, choice: AccessChoice = {}): Promise<Access> {
  const files = await readFiles(world);
  if (files.length > 0) return readAccess(world, files, choice);
  const inside = await findOwnCluster(world, choice);
  if (inside) return inside;
  throw noAccess(
    world.env["KUBECONFIG"] ? "$KUBECONFIG names no file that is there" : "there is no ~/.kube/config",
    "Set KUBECONFIG to a cluster's kubeconfig file.",
  );
}

async function readFiles({ env, home, readFile }: AccessWorld): Promise<readonly ConfigFile[]> {
  const paths = env["KUBECONFIG"]
    ? env["KUBECONFIG"].split(":").filter((path) => path !== "")
    : [`${home}/.kube/config`];
  const files = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path) })));
  return files.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
}

async function readAccess(
  world: AccessWorld,
  files: readonly ConfigFile[],
  choice: AccessChoice,
): Promise<Access> {
  const { contextName, context, cluster, user } = await readKubeconfig(files, choice.context);
  const url = readServer(cluster);
  const authority = await readPem(world, cluster, "certificate-authority");
  return {
    url,
    authority,
    serverName: readText(cluster.fields, "tls-server-name"),
    proxy: readText(cluster.fields, "proxy-url") ?? findProxy(url, world.env),
    impersonation: readImpersonation(user),
    credential: await makeSource(world, user, { server: url, authority }),
    namespace: choice.namespace ?? readText(context, "namespace") ?? "default",
    origin: `context ${quote(contextName)}`,
  };
}

/** Secrets go over this connection: it has TLS, and the server is always verified. */
function readServer({ fields }: ConfigEntry): string {
  const text = readText(fields, "server") ?? "";
  const url = URL.parse(text);
  if (!url?.hostname || url.username || url.search || url.hash)
    throw noAccess(`${quote(text)} is not the address of a server`, 'Correct "server" in the kubeconfig.');
  if (url.protocol !== "https:")
    throw noAccess(
      `${quote(text)} is without TLS, and secrets would go over it`,
      'Use an https:// address as "server" in the kubeconfig.',
    );
  if (fields["insecure-skip-tls-verify"] === true)
    throw noAccess(
      "the kubeconfig says not to verify the server, and secrets would go to whoever answers",
      'Give "certificate-authority-data" in place of "insecure-skip-tls-verify" in the kubeconfig.',
    );
  return `${url.origin}${url.pathname.replace(/\/$/, "")}`;
}

/** `KEY-data` in base64, or else the file that `KEY` names. */
async function readPem(
  { readFile }: AccessWorld,
  entry: ConfigEntry,
  key: string,
): Promise<string | undefined> {
  const data = readText(entry.fields, `${key}-data`);
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  const path = readText(entry.fields, key);
  if (path === undefined) return undefined;
  const text = await readFile(resolvePath(entry, path));
  if (text !== undefined) return text;
  throw noAccess(`${quote(path)} is not there or cannot be read`, `Correct "${key}" in the kubeconfig.`);
}

function readImpersonation({ fields }: ConfigEntry): Access["impersonation"] {
  const user = readText(fields, "as");
  const uid = readText(fields, "as-uid");
  const groups = Array.isArray(fields["as-groups"]) ? fields["as-groups"].map(String) : [];
  return [
    ...(user === undefined ? [] : [["Impersonate-User", user] as const]),
    ...(uid === undefined ? [] : [["Impersonate-Uid", uid] as const]),
    ...groups.map((group) => ["Impersonate-Group", group] as const),
  ];
}

async function makeSource(
  world: AccessWorld,
  user: ConfigEntry,
  cluster: { readonly server: string; readonly authority: string | undefined },
): Promise<CredentialSource> {
  const { fields } = user;
  for (const key of ["username", "password", "auth-provider"])
    if (fields[key] !== undefined)
      throw noAccess(
        `the kubeconfig's user has "${key}", which clusters do not take any more`,
        'Use a token, a client certificate or an "exec" plugin in the kubeconfig.',
      );
  const plugin = readFields(fields["exec"]);
  const certificate = await readPem(world, user, "client-certificate");
  const keyText = await readPem(world, user, "client-key");
  const key = keyText === undefined ? undefined : new Secret(keyText);
  const fixed: Credential = certificate !== undefined && key ? { certificate, key } : {};
  const token = readText(fields, "token");
  const tokenPath = readText(fields, "tokenFile");
  if (tokenPath !== undefined) return makeFileSource(world, resolvePath(user, tokenPath), fixed);
  if (token !== undefined) return () => Promise.resolve({ ...fixed, token: new Secret(token) });
  if (readText(plugin, "command") === undefined) return () => Promise.resolve(fixed);
  const fromPlugin = makePluginSource(world, { fields: plugin, folder: user.folder }, cluster);
  return async (isRefused) => ({ ...fixed, ...(await fromPlugin(isRefused)) });
}

/** Read for each call: whoever made the file replaces the token in time. */
function makeFileSource({ readFile }: AccessWorld, path: string, fixed: Credential): CredentialSource {
  return async () => {
    const token = (await readFile(path))?.trim();
    if (token) return { ...fixed, token: new Secret(token) };
    throw noAccess(`${quote(path)} has no token`, 'Correct "tokenFile" in the kubeconfig.');
  };
}

async function findOwnCluster(world: AccessWorld, choice: AccessChoice): Promise<Access | undefined> {
  const host = world.env["KUBERNETES_SERVICE_HOST"];
  const port = world.env["KUBERNETES_SERVICE_PORT"] ?? "443";
  const authority = await world.readFile(`${accountFolder}/ca.crt`);
  if (!host || authority === undefined) return undefined;
  const namespace = (await world.readFile(`${accountFolder}/namespace`))?.trim();
  return {
    url: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    authority,
    serverName: undefined,
    proxy: undefined,
    impersonation: [],
    credential: makeFileSource(world, `${accountFolder}/token`, {}),
    namespace: choice.namespace ?? namespace ?? "default",
    origin: "the cluster that this runs in",
  };
}
