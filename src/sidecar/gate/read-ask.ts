/** Reads what the agent asks for. Whatever the user could not read, or could never allow, is refused before anybody sees it. */
import { isLocalName } from "../../core/address-kind.ts";
import { isIpv4, parseHostName } from "../../core/host-name.ts";
import { isPrintable, quote } from "../../core/text.ts";
import { refuse } from "./asks.ts";
import type { Ask, AskAnswer } from "./asks.ts";
import { askedProtocols, gateHostName } from "../../protocol/gate.ts";
import type { AskedProtocol } from "../../protocol/gate.ts";
import type { ConnectRequest } from "./connect-request.ts";

/** Fits on two lines of a small terminal */
const maxReasonLength = 160;
const tlsPort = 443;
const plainPort = 80;
const sshPort = 22;
const lastPort = 65_535;
const longestWaitMs = 15 * 60_000;

/** `fields` is hostile. `apiHost` is what the sidecar alone reaches. */
export function readAsk(
  fields: unknown,
  { apiHost, waitMs }: { readonly apiHost: string | undefined; readonly waitMs: number },
): Omit<Ask, "signal"> | AskAnswer {
  const { host, reason, wait, kind } = (fields ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof host !== "string" || host === "") return refuse("Say which host you need.");
  const pair = readPair(host, apiHost);
  if ("verdict" in pair) return pair;
  const protocol = readProtocol(kind, pair.port);
  if (typeof protocol !== "string") return protocol;
  const words = readReason(reason);
  if (typeof words !== "string") return words;
  const asked = typeof wait === "number" && wait >= 0 ? wait * 1_000 : waitMs;
  return { pair, protocol, reason: words, waitMs: Math.min(asked, longestWaitMs) };
}

function readPair(text: string, apiHost: string | undefined): ConnectRequest | AskAnswer {
  const [, name = text, digits = String(tlsPort)] = /^([^:]*):(\d{1,5})$/.exec(text) ?? [];
  const parsed = parseHostName(name);
  const shown = quote(name);
  if (!parsed.ok) return refuse(`${shown} is not a host name that can be asked for: ${parsed.problem}.`);
  const { host } = parsed;
  if (isIpv4(host))
    return refuse(`An address cannot be asked for, since it does not say whose it is. Ask for a name.`);
  if (isLocalName(host) || host === gateHostName)
    return refuse(
      `${shown} is the bottle itself. It needs no rule, and nothing of the user's machine is there.`,
    );
  if (host === apiHost)
    return refuse(`Only the sidecar reaches ${shown}. Your own model works without a rule.`);
  const port = Number(digits);
  if (port < 1 || port > lastPort) return refuse(`${digits} is not a port.`);
  if (port === sshPort)
    return refuse(
      "SSH cannot be allowed while a bottle runs. Tell the user that you need it, for the manifest.",
    );
  return { host, port };
}

/** Unless it is said, what the port is usually for. */
function readProtocol(kind: unknown, port: number): AskedProtocol | AskAnswer {
  if (kind === undefined || kind === null) return port === plainPort ? "http" : "tls";
  const known = askedProtocols.find((one) => one === kind);
  return known ?? refuse(`The kind must be one of: ${askedProtocols.join(", ")}.`);
}

function readReason(reason: unknown): string | AskAnswer {
  if (typeof reason !== "string") return refuse("Say what you need the host for.");
  const words = reason.trim().replaceAll(/\s+/g, " ");
  if (words === "") return refuse("Say what you need the host for.");
  if (words.length > maxReasonLength)
    return refuse(`The reason is too long: at most ${maxReasonLength} characters.`);
  // Marks that are piled up leave their line
  if (!isPrintable(words) || /\p{M}{3}/u.test(words))
    return refuse("The reason has a character that does not show as it is. Write plain text.");
  return words;
}
