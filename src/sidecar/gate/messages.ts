/**
 * Reads what the launcher sends. Every field is checked, because the gate must not run on half a policy. What is checked is a type of the
 * protocol: a field that only one of the two knows does not compile.
 */
import { destination, ruleName } from "./destination-check.ts";
import { GateFailure } from "./failure.ts";
import {
  hostName,
  hostPattern,
  isBoolean,
  isObject,
  list,
  matching,
  oneOf,
  optional,
  ownAddress,
  portFrom,
  record,
  wholeNumber,
} from "./message-checks.ts";
import type { Check } from "./message-checks.ts";
import { findLaterMessage, gateMessageVersion } from "../../protocol/gate.ts";
import type {
  GateAllow,
  GateApi,
  GateBound,
  GateCanary,
  GateChangeBound,
  GateConfiguration,
  GateDeny,
  GateForget,
  GateLiveMessage,
  GateMessage,
  GateOwnSecret,
  GateProxy,
  GateQuestion,
  GateSecret,
  GateSshKey,
} from "../../protocol/gate.ts";
import type { GatePorts } from "../../protocol/gate-events.ts";

/** Reads one line. Throws a `GateFailure` that names the field and never its value. */
export function parseGateMessage(line: string): GateMessage {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    throw new GateFailure("a message on stdin is not JSON");
  }
  const later = findLaterMessage(message);
  if (later !== undefined)
    throw new GateFailure(
      `a later version of claude-bottle sent it (messages of version ${later}, and this gate knows ${gateMessageVersion})`,
    );
  const type = isObject(message) ? message["type"] : undefined;
  return isLive(type) ? liveMessages[type](message, "message") : configuration(message, "message");
}

function isLive(type: unknown): type is GateLiveMessage["type"] {
  return typeof type === "string" && Object.hasOwn(liveMessages, type);
}

const variableName = matching(/^[A-Za-z_][A-Za-z0-9_]{0,255}$/);
/** A line break would end the header */
const headerText = matching(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/);

const api = record<GateApi>({
  host: hostName,
  isPrivate: isBoolean,
  credential: record<GateApi["credential"]>({
    header: oneOf("authorization", "x-api-key"),
    value: headerText,
    name: optional(variableName),
  }),
});

const secret = record<GateSecret>({
  name: variableName,
  placeholder: matching(/^[a-z0-9-]{16,512}$/),
  value: headerText,
  hosts: list(hostName),
});

const ownSecret = record<GateOwnSecret>({
  rule: ruleName,
  value: matching(/^[\s\S]{1,131072}$/),
  isInBottle: isBoolean,
  isSure: isBoolean,
});

const canary = record<GateCanary>({
  kind: matching(/^[a-z]{1,32}$/),
  place: matching(/^~\/[\x21-\x7e]{1,200}$/),
  value: matching(/^[\x21-\x7e]{16,512}$/),
});

const bound = record<GateBound>({
  host: hostPattern,
  uploadBytes: optional(wholeNumber(0, Number.MAX_SAFE_INTEGER, "a number of bytes")),
  requests: optional(wholeNumber(0, 1_000_000_000, "a number of requests")),
});

const sshKey = record<GateSshKey>({
  privateKey: matching(/^-----BEGIN [A-Z0-9 ]+-----\r?\n/),
  // ssh-add reads it up to the end of its line
  passphrase: optional(matching(/^[^\0\r\n]{1,1000}$/)),
  host: matching(/^[\x21-\x7e]{1,255}$/),
  // In a constraint of ssh-add `*` and `?` make a pattern, `@` and `>` part it
  user: matching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/),
  // Goes into a known_hosts file, where a line break would pin a second key
  hostKey: matching(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}$/),
});

const proxy = record<GateProxy>({
  host: hostName,
  port: portFrom(1),
  authorization: optional(headerText),
  direct: list(matching(/^(?:\*|[a-z0-9_.-]{1,253})$/)),
  nameservers: list(matching(/^(?:\d{1,3}\.){3}\d{1,3}$/)),
});

const configuration = record<GateConfiguration>({
  type: oneOf("configure"),
  address: optional(ownAddress),
  peer: optional(ownAddress),
  destinations: list(destination),
  filter: oneOf("pipelock", "builtin"),
  proxy: optional(proxy),
  api: optional(api),
  sshKeys: list(sshKey),
  secrets: optional(list(secret)),
  own: optional(list(ownSecret)),
  canaries: optional(list(canary)),
  bounds: optional(list(bound)),
  inspect: optional(
    record<NonNullable<GateConfiguration["inspect"]>>({
      caDirectory: matching(/^\/[^\0]*$/),
      caKey: optional(
        matching(/^-----BEGIN EC PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END EC PRIVATE KEY-----\n$/),
      ),
    }),
  ),
  ports: optional(
    record<GatePorts>({
      proxy: portFrom(0),
      api: portFrom(0),
      sshAgent: portFrom(0),
      pipelock: portFrom(0),
      ask: optional(portFrom(0)),
    }),
  ),
  isAgain: optional(isBoolean),
});

const id = matching(/^[A-Za-z0-9-]{1,64}$/);

/** Timers of Node end at 2^31 ms; a grant for longer than a week belongs into the manifest */
const grantTime = wholeNumber(1, 7 * 86_400_000, "a time of at most a week");

const question = (type: GateQuestion["type"]) => record<GateQuestion>({ type: oneOf(type), id });

const liveMessages: { readonly [K in GateLiveMessage["type"]]: Check<GateLiveMessage> } = {
  allow: record<GateAllow>({ type: oneOf("allow"), id, destination, forMs: optional(grantTime) }),
  deny: record<GateDeny>({ type: oneOf("deny"), id, host: hostPattern, port: portFrom(1) }),
  forget: record<GateForget>({ type: oneOf("forget"), id, host: hostPattern, port: portFrom(1) }),
  bound: record<GateChangeBound>({ type: oneOf("bound"), id, bound }),
  describe: question("describe"),
  ping: question("ping"),
  begin: question("begin"),
  end: question("end"),
  freeze: question("freeze"),
  thaw: question("thaw"),
};
