/** A scripted API server of a cluster, on loopback with TLS. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../src/core/secret.ts";
import type { Access, Credential } from "../../src/kubernetes/access.ts";
import { makeCluster } from "../../src/kubernetes/cluster.ts";
import type { Cluster } from "../../src/kubernetes/cluster.ts";
import { makeCertificates } from "./certificates.ts";
import type { Certificates } from "./certificates.ts";
import { startFakeDaemon } from "./fake-daemon.ts";
import type { Connection, FakeDaemon, Script } from "./fake-daemon.ts";
import type { RecordedRequest } from "./http-request.ts";
import { acceptKey } from "./web-socket.ts";

export interface FakeCluster extends AsyncDisposable {
  readonly access: Access;
  readonly cluster: Cluster;
  readonly requests: FakeDaemon["requests"];
}

/** Who calls, by a client's certificate and a token. */
export function credentialOf({ client }: Certificates, token = "t0ken"): Credential {
  return {
    certificate: client.cert ?? "",
    key: new Secret(client.key ?? ""),
    token: new Secret(token),
  };
}

/** Certificates for all tests of a file, and what removes them. */
export async function makeClusterCertificates(): Promise<{
  readonly certificates: Certificates;
  readonly remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "cluster-"));
  const certificates = await makeCertificates(folder);
  return { certificates, remove: () => rm(folder, { recursive: true, force: true }) };
}

export async function startFakeCluster(
  certificates: Certificates,
  script: Script,
  changes: Partial<Access> = {},
): Promise<FakeCluster> {
  const daemon = await startFakeDaemon(script, { server: certificates.server, client: certificates.client });
  if (daemon.endpoint.kind !== "tcp") throw new Error("It listens on a socket");
  const access: Access = {
    url: daemon.endpoint.url,
    authority: certificates.server.ca,
    serverName: undefined,
    proxy: undefined,
    impersonation: [],
    credential: () => Promise.resolve(credentialOf(certificates)),
    namespace: "bottles",
    origin: "test",
    ...changes,
  };
  return {
    access,
    cluster: makeCluster(access),
    requests: daemon.requests,
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

/** Hands the connection over as a cluster does. */
export function acceptWebSocket(
  connection: Connection,
  request: RecordedRequest,
  protocol = "v5.channel.k8s.io",
  early: Uint8Array = new Uint8Array(),
): Promise<void> {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptKey(request.headers["sec-websocket-key"] ?? "")}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
  ];
  return connection.send(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), early]));
}
