/** Where an engine may be: what the environment says, or else the usual sockets of the usual products. */
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";
import { findContext } from "./docker-context.ts";

export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

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

/** The outside as this module needs it, so that tests give it as a value. */
export interface EndpointWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid: number;
  readonly platform: string;
  /** Undefined if the file is not there or cannot be read */
  readonly readFile: (path: string) => Promise<string | undefined>;
}

/** Places to try, in order. An explicit DOCKER_HOST or context is the only place; otherwise the usual sockets. */
export async function findEndpoints(world: EndpointWorld): Promise<Endpoint[]> {
  const host = world.env["DOCKER_HOST"];
  if (host) return [await parseDockerHost(host, "DOCKER_HOST", () => readTlsFolder(world))];
  const context = await findContext(world);
  if (context)
    return [
      await parseDockerHost(context.host, `context ${quote(context.name)}`, () =>
        Promise.resolve(context.tls),
      ),
    ];
  return usualSockets(world).map(([origin, path]) => unixEndpoint(path, origin));
}

/** Reads a `unix://` or `tcp://` address. Plain tcp is refused: whoever can reach it owns the machine. */
export async function parseDockerHost(
  host: string,
  origin: string,
  readTls: () => Promise<TlsFiles | undefined>,
): Promise<Endpoint> {
  const scheme = /^([a-z]+):\/\//.exec(host)?.[1];
  if (scheme === "unix") return unixEndpoint(host.slice("unix://".length), origin);
  if (scheme === "tcp" || scheme === "https") {
    const tls = await readTls();
    if (!tls) throw plainTcp(host, origin);
    const url = new URL(host.replace(/^tcp:/, "https:"));
    return { kind: "tcp", url: `https://${url.hostname}:${url.port || "2376"}`, tls, shown: host, origin };
  }
  throw unsupported(host, origin, scheme);
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
  const runtime = world.env["XDG_RUNTIME_DIR"] || `/run/user/${uid}`;
  const candidates: [string, string][] = [
    ["Docker", "/var/run/docker.sock"],
    ["rootless Docker", `${runtime}/docker.sock`],
    ["Docker Desktop", `${home}/.docker/run/docker.sock`],
    ["Docker Desktop", `${home}/.docker/desktop/docker.sock`],
    ["Colima", `${home}/.colima/default/docker.sock`],
    ["Colima", `${home}/.config/colima/default/docker.sock`],
    ["OrbStack", `${home}/.orbstack/run/docker.sock`],
    ["Rancher Desktop", `${home}/.rd/docker.sock`],
    ["Podman", `${runtime}/podman/podman.sock`],
    ["Podman", "/run/podman/podman.sock"],
  ];
  if (world.platform === "darwin") {
    candidates.push(["Podman", `${home}/.local/share/containers/podman/machine/podman.sock`]);
  }
  return candidates;
}

function plainTcp(host: string, origin: string): BottleError {
  return new BottleError({
    code: "engine-refused",
    message: `Cannot use the engine at ${quote(host)} (${origin}): it is not protected by TLS`,
    hint: "Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.",
  });
}

function unsupported(host: string, origin: string, scheme: string | undefined): BottleError {
  const hint =
    scheme === "ssh"
      ? 'Forward the socket, as in "ssh -L /tmp/engine.sock:/var/run/docker.sock HOST", and set DOCKER_HOST=unix:///tmp/engine.sock.'
      : "Set DOCKER_HOST to unix:///path/to/docker.sock or to tcp://host:2376 with DOCKER_TLS_VERIFY=1.";
  return new BottleError({
    code: "engine-refused",
    message: `Cannot use the engine at ${quote(host)} (${origin}): ${scheme ? `${scheme}:// is not supported` : "it has no scheme"}`,
    hint,
  });
}
