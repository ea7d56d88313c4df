/** One of an agent's connections to an inspected host, and the requests that go on from it. */
import { request } from "node:http";
import type { Agent, ClientRequest } from "node:http";
import type { Looker } from "./inspect/looker.ts";
import type { Coverage } from "./inspect/own-secrets.ts";
import type { Located } from "./request-look.ts";
import type { InspectedRequest } from "./inspected-request.ts";
import { maxHeaderBytes } from "./opened-tls.ts";

export interface InspectedTunnel {
  readonly host: string;
  readonly agent: Agent;
  readonly looker: Looker;
  /** Of one more request to the host, by any connection */
  beginCoverage(): Coverage;
  /** Throws a `BlockedRequest`. */
  judge(found: readonly Located[]): void;
}

/** The request to the host, as far as its head. */
export function ask(
  tunnel: InspectedTunnel,
  { method, path, headers }: Omit<InspectedRequest, "framing">,
): ClientRequest {
  return request({
    agent: tunnel.agent,
    method,
    path,
    headers: headers.flat() as unknown as Record<string, string>,
    setHost: false,
    maxHeaderSize: maxHeaderBytes,
  });
}
