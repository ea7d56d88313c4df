/** Whom this machine asks for names. */
import { isIpv4 } from "../core/host-name.ts";
import { findText } from "./files.ts";

/** The second is where systemd-resolved writes whom it asks itself, since the first names only its own loopback */
const files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/** IPv4 addresses that mean the same in another network namespace; empty if there are none. */
export async function findNameservers(): Promise<string[]> {
  for (const path of files) {
    const found = readNameservers((await findText(path).catch(() => undefined)) ?? "");
    if (found.length > 0) return found;
  }
  return [];
}

/** Those of a resolv.conf, without loopback. */
export function readNameservers(text: string): string[] {
  return [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)]
    .map(([, address = ""]) => address)
    .filter((address) => isIpv4(address) && !address.startsWith("127."));
}
