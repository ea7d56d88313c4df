/** What names lead to from this machine, for showing; nothing is decided by it. */
import { lookup } from "node:dns/promises";

const timeLimitMs = 2_000;

/** The addresses of each name, side by side; an empty list for one that does not resolve in time. Patterns are left out. */
export async function findAddresses(
  hosts: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = [...new Set(hosts)].filter((host) => !host.startsWith("*."));
  const found = await Promise.all(names.map(async (host) => [host, await resolve(host)] as const));
  return new Map(found);
}

async function resolve(host: string): Promise<readonly string[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<readonly string[]>((done) => {
    timer = setTimeout(() => done([]), timeLimitMs);
  });
  const addresses = lookup(host, { all: true }).then(
    (entries) => entries.map((entry) => entry.address),
    () => [],
  );
  return Promise.race([addresses, late]).finally(() => clearTimeout(timer));
}
