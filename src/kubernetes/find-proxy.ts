/** The proxy that the environment names for an address, as kubectl finds it. */
import { isDirect, parseNoProxy } from "../core/no-proxy.ts";

/** Undefined for none, and for this machine's own addresses. */
export function findProxy(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const proxy = env["HTTPS_PROXY"] || env["https_proxy"];
  if (!proxy) return undefined;
  const { hostname } = new URL(url);
  const noProxy = env["NO_PROXY"] || env["no_proxy"] || "";
  const words = noProxy.split(/[\s,]+/);
  const isOwn = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  if (isOwn || words.includes(hostname)) return undefined;
  // An address is asked for through the proxy unless the list has it
  const isName = !/^[\d.]+$|^\[/.test(hostname);
  return isName && isDirect(hostname, parseNoProxy(noProxy)) ? undefined : proxy;
}
