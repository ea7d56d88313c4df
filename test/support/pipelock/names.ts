/** Names to addresses, and connections to addresses that are checked again: a name may answer differently the second time. */
import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import type { Socket } from "node:net";
import { readHiddenIpv4 } from "./addresses.ts";
import type { AddressRules } from "./addresses.ts";
import { isTrusted } from "./domains.ts";

const lookupTimeoutMs = 5_000;
const dialTimeoutMs = 10_000;

/** Every address of a name, by the container's resolver. Throws Go's words for a failure. */
export async function resolve(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  const fail = (reason: string) => new Error(`lookup ${host}: ${reason}`);
  // The C library would read these as addresses; Go asks DNS for them and gets nothing
  if (readHiddenIpv4(host) !== undefined || /^[\d.]+$/.test(host)) throw fail("no such host");
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(fail("i/o timeout")), lookupTimeoutMs);
  });
  try {
    const found = await Promise.race([
      lookup(host, { all: true, verbatim: true }).catch(() => {
        throw fail("no such host");
      }),
      late,
    ]);
    return found.map((one) => one.address);
  } finally {
    clearTimeout(timer);
  }
}

/** Which addresses a name may lead to. */
export interface DialRules {
  readonly addresses: AddressRules;
  readonly trustedDomains: readonly string[];
}

/** Connects to the first address; none may be internal unless it is allowed by name or by itself. */
export async function dialSafely(host: string, port: number, rules: DialRules): Promise<Socket> {
  const found = await resolve(host);
  const isNameTrusted = isTrusted(host, rules.trustedDomains);
  for (const address of found) {
    if (!rules.addresses.isInternal(address)) continue;
    if (isNameTrusted || rules.addresses.isAllowlisted(address)) continue;
    throw new Error(
      isIP(host) === 0
        ? `SSRF blocked: ${host} resolves to internal IP ${address}`
        : `SSRF blocked: connection to internal IP ${host}`,
    );
  }
  const [first] = found;
  if (first === undefined) throw new Error(`SSRF blocked: DNS returned no addresses for ${host}`);
  return dial(first, port);
}

function dial(address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, allowHalfOpen: true });
    const fail = (reason: string) => {
      socket.destroy();
      reject(new Error(`dial tcp ${address}:${port}: ${reason}`));
    };
    socket.setTimeout(dialTimeoutMs, () => fail("i/o timeout"));
    socket.once("error", (error) => fail(error.message));
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      socket.removeAllListeners("error");
      // Whoever uses it looks at its close
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
