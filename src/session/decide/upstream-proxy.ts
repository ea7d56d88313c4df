/** The proxy between this machine's network and the internet, from the environment. Its credentials are taken after the yes. */
import { BottleError } from "../../core/error.ts";
import { isIpv4, parseHostName } from "../../core/host-name.ts";
import { engineHost } from "../../core/host-port.ts";
import { isDirect, parseNoProxy } from "../../core/no-proxy.ts";
import { Secret } from "../../core/secret.ts";
import { findNameservers } from "../../host/nameservers.ts";
import type { ProxyPlan } from "../../plan/egress-plan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** In place of what other programs use, where a bottle needs another or none */
const ownVariable = "CLAUDE_BOTTLE_PROXY";
const variables = [ownVariable, "https_proxy", "HTTPS_PROXY"] as const;
const none = "none";

interface Found {
  readonly variable: string;
  readonly url: URL;
}

/** The plan's part; undefined without a proxy. Throws for one that a bottle could not use, without naming its credentials. */
export async function findUpstreamProxy(env: Environment): Promise<ProxyPlan | undefined> {
  const found = findUrl(env);
  if (!found) return undefined;
  const { url, variable } = found;
  const host = readHost(found);
  const listed = parseNoProxy(env["no_proxy"] || env["NO_PROXY"] || "");
  return {
    variable,
    host,
    port: url.port === "" ? 80 : Number(url.port),
    hasCredentials: url.username !== "" || url.password !== "",
    // It is never reached through itself
    direct: isDirect(host, listed) ? listed : [...listed, host],
    nameservers: await findNameservers(),
  };
}

/** What the proxy wants to see, of the proxy that the plan names. */
export function readProxyAuthorization(env: Environment, proxy: ProxyPlan | undefined): Secret | undefined {
  const found = proxy?.hasCredentials ? findUrl(env) : undefined;
  if (!found) return undefined;
  const pair = [found.url.username, found.url.password].map((part) => decode(part, found.variable)).join(":");
  return new Secret(`Basic ${Buffer.from(pair).toString("base64")}`);
}

function findUrl(env: Environment): Found | undefined {
  const variable = variables.find((name) => env[name]?.trim());
  const text = variable && env[variable]?.trim();
  if (!variable || !text || (variable === ownVariable && text === none)) return undefined;
  try {
    return { variable, url: new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`) };
  } catch {
    throw unusable(variable, "it is not the address of a proxy", "Write it as http://HOST:PORT");
  }
}

function readHost({ variable, url }: Found): string {
  if (url.protocol !== "http:")
    throw unusable(variable, `it begins with ${url.protocol}//`, "Name a proxy that is spoken to by http://");
  const parsed = parseHostName(url.hostname);
  if (!parsed.ok) throw unusable(variable, parsed.problem, "Write it as http://HOST:PORT");
  const { host } = parsed;
  if (host === "localhost" || host.endsWith(".localhost") || (isIpv4(host) && /^(?:127|0)\./.test(host)))
    throw unusable(
      variable,
      "its proxy is on this machine's loopback, which is another one in a bottle",
      `Have the proxy listen on the address of Docker's bridge too, and set ${ownVariable}=http://${engineHost}:${url.port || 80}`,
    );
  return host;
}

function decode(part: string, variable: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw unusable(variable, "its user name or password is not encoded as in an address", "Write % as %25");
  }
}

/** Its value may hold a password. */
function unusable(variable: string, state: string, hint: string): BottleError {
  return new BottleError({
    code: "usage",
    message: `Cannot use the proxy of ${variable}: ${state}`,
    hint: `${hint}, or set ${ownVariable}=${none} to use none.`,
  });
}
