/** Where an engine may be: what the environment says, or else the usual sockets of the usual products. */
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";
import { findContext } from "./docker-context.ts";
import type { EndpointWorld, TlsFiles } from "./endpoint-world.ts";
import type { SshTarget } from "./ssh-forward.ts";

interface EndpointOrigin {
  /** As shown to people: `unix:///var/run/docker.sock` */
  readonly shown: string;
  /** Why this place is tried: `DOCKER_HOST`, `context "colima"`, `Docker` */
  readonly origin: string;
}

export type Endpoint = EndpointOrigin &
  (
    | { readonly kind: "unix"; readonly socketPath: string }
    /** `url` is `https://host:port`; the server is always verified */
    | { readonly kind: "tcp"; readonly url: string; readonly tls: TlsFiles }
  );

/** A place that has to be brought here first; see `ssh-forward.ts` */
export type SshEndpoint = EndpointOrigin & { readonly kind: "ssh"; readonly target: SshTarget };

const addressHint =
  "Set DOCKER_HOST to unix:///path/to/docker.sock, to ssh://user@host, or to tcp://host:2376 with DOCKER_TLS_VERIFY=1.";

/** Places to try, in order. An explicit DOCKER_HOST or context is the only place; otherwise the usual sockets. */
export async function findEndpoints(world: EndpointWorld): Promise<(Endpoint | SshEndpoint)[]> {
  const host = world.env["DOCKER_HOST"];
  if (host) return [await parseDockerHost(host, "DOCKER_HOST", () => readTlsFolder(world))];
  const context = await findContext(world);
  if (context) {
    const origin = `context ${quote(context.name)}`;
    return [await parseDockerHost(context.host, origin, () => Promise.resolve(context.tls))];
  }
  return usualSockets(world).map(([origin, path]) => unixEndpoint(path, origin));
}

/** Verification is spelled out, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the caller's environment would switch it off. */
export function makeTlsOptions(tls: TlsFiles): TlsFiles & { readonly rejectUnauthorized: true } {
  return { ...tls, rejectUnauthorized: true };
}

/** Reads a `unix://`, `ssh://` or `tcp://` address. Plain tcp is refused: whoever can reach it owns the machine. */
async function parseDockerHost(
  host: string,
  origin: string,
  readTls: () => Promise<TlsFiles | undefined>,
): Promise<Endpoint | SshEndpoint> {
  const scheme = /^([a-z]+):\/\//.exec(host)?.[1];
  if (scheme === "unix") {
    const socketPath = host.slice("unix://".length);
    // Without a path fetch would leave the socket out and ask the network
    if (!socketPath.startsWith("/")) throw badAddress(host, origin, "the socket's path is not absolute");
    return unixEndpoint(socketPath, origin);
  }
  if (scheme === "ssh") {
    const target = parseSshTarget(host);
    if (!target)
      throw badAddress(host, origin, "it is not ssh://user@host:port, with a socket's path at most");
    return { kind: "ssh", target, shown: host, origin };
  }
  if (scheme === "tcp" || scheme === "https") {
    // "tcps:" is no special scheme, so that a port of 443 is kept and an empty host is seen
    const url = URL.parse(host.replace(/^[a-z]+:/, "tcps:"));
    const isPlain = url?.hostname && !url.username && !url.search && /^\/?$/.test(url.pathname);
    if (!isPlain) throw badAddress(host, origin, "it is not host:port");
    const tls = await readTls();
    if (!tls) throw plainTcp(host, origin);
    if (!tls.cert || !tls.key) throw noClientCertificate(host, origin);
    return { kind: "tcp", url: `https://${url.hostname}:${url.port || "2376"}`, tls, shown: host, origin };
  }
  throw unsupported(host, origin, scheme);
}

/** As the docker CLI takes it. What could be an option of ssh is no host and no user. */
function parseSshTarget(text: string): SshTarget | undefined {
  const word = "[A-Za-z0-9_][A-Za-z0-9_.+-]*";
  const match = new RegExp(
    `^ssh://(?:(${word})@)?(${word}|\\[[0-9a-fA-F:]+\\])(?::(\\d{1,5}))?(/[^\\s:?#]*)?$`,
  ).exec(text);
  if (!match?.[2]) return undefined;
  const [, user, host, port, path = "/"] = match;
  const socketPath = path === "/" ? "/var/run/docker.sock" : path;
  return { user, host: host.replaceAll(/[[\]]/g, ""), port, socketPath };
}

function unixEndpoint(socketPath: string, origin: string): Endpoint {
  return { kind: "unix", socketPath, shown: `unix://${socketPath}`, origin };
}

/** `DOCKER_TLS_VERIFY` with the files of `DOCKER_CERT_PATH`, as the docker CLI reads them */
async function readTlsFolder(world: EndpointWorld): Promise<TlsFiles | undefined> {
  if (!world.env["DOCKER_TLS_VERIFY"]) return undefined;
  const folder = world.env["DOCKER_CERT_PATH"] || `${world.home}/.docker`;
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => world.readFile(`${folder}/${name}`)),
  );
  return { ca, cert, key };
}

function usualSockets(world: EndpointWorld): [origin: string, path: string][] {
  const { home, uid } = world;
  const usual = `/run/user/${uid}`;
  const runtime = world.env["XDG_RUNTIME_DIR"] || usual;
  // Unset or changed by su and ssh, while the engine was started with the usual one
  const runtimes = runtime === usual ? [usual] : [runtime, usual];
  const candidates: [string, string][] = [
    ["Docker", "/var/run/docker.sock"],
    ...runtimes.map((folder): [string, string] => ["rootless Docker", `${folder}/docker.sock`]),
    ["Docker Desktop", `${home}/.docker/run/docker.sock`],
    ["Docker Desktop", `${home}/.docker/desktop/docker.sock`],
    ["Colima", `${home}/.colima/default/docker.sock`],
    ["Colima", `${home}/.config/colima/default/docker.sock`],
    ["OrbStack", `${home}/.orbstack/run/docker.sock`],
    ["Rancher Desktop", `${home}/.rd/docker.sock`],
    ...runtimes.map((folder): [string, string] => ["Podman", `${folder}/podman/podman.sock`]),
    ["Podman", "/run/podman/podman.sock"],
  ];
  if (world.platform === "darwin") {
    candidates.push(["Podman", `${home}/.local/share/containers/podman/machine/podman.sock`]);
  }
  return candidates;
}

function badAddress(host: string, origin: string, state: string): BottleError {
  return new BottleError({
    code: "engine-refused",
    message: `Cannot use the engine at ${quote(host)} (${origin}): ${state}`,
    hint: addressHint,
  });
}

function noClientCertificate(host: string, origin: string): BottleError {
  return new BottleError({
    code: "engine-refused",
    message: `Cannot use the engine at ${quote(host)} (${origin}): the client's certificate or key is missing`,
    hint: "Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.",
  });
}

function plainTcp(host: string, origin: string): BottleError {
  return new BottleError({
    code: "engine-refused",
    message: `Cannot use the engine at ${quote(host)} (${origin}): it is not protected by TLS`,
    hint: "Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.",
  });
}

function unsupported(host: string, origin: string, scheme: string | undefined): BottleError {
  return new BottleError({
    code: "engine-refused",
    message: `Cannot use the engine at ${quote(host)} (${origin}): ${scheme ? `${scheme}:// is not supported` : "it has no scheme"}`,
    hint: addressHint,
  });
}
