/** One of an agent's connections to an inspected host, and the requests that go on from it. */
import { request } from "node:http";
import type { Agent, ClientRequest } from "node:http";
import type { Meter } from "./bounds.ts";
import type { InspectedRequest } from "./inspected-request.ts";
import type { HostLook } from "./looked-request.ts";
import { maxHeaderBytes } from "./opened-tls.ts";
import type { Ruling } from "./ruling.ts";

export interface InspectedTunnel {
  readonly host: string;
  readonly agent: Agent;
  /** Undefined where rules decide on requests, and nothing is looked for in them */
  readonly look: HostLook | undefined;
  readonly ruling: Ruling;
  readonly meter: Meter | undefined;
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
