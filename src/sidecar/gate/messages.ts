/** Reads what the launcher sends. Every field is checked, because the gate must not run on half a policy. */
import { isIpv4, parseHostPattern } from "../../core/host-name.ts";
import { GateFailure } from "./failure.ts";
import type { GateMessage } from "../../protocol/gate.ts";

type Check = (value: unknown, path: string) => void;

/** Reads one line. Throws a `GateFailure` that names the field and never its value. */
export function parseGateMessage(line: string): GateMessage {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    throw new GateFailure("a message on stdin is not JSON");
  }
  const { type } = (message ?? {}) as { readonly type?: unknown };
  const check =
    typeof type === "string" && Object.hasOwn(liveMessages, type) ? liveMessages[type] : undefined;
  (check ?? configuration)(message, "message");
  return message as GateMessage;
}

const oneOf =
  (...words: readonly string[]): Check =>
  (value, path) => {
    if (!words.includes(value as string)) throw new GateFailure(`${path} is not one of: ${words.join(", ")}`);
  };

const matching =
  (pattern: RegExp): Check =>
  (value, path) => {
    if (typeof value !== "string" || !pattern.test(value))
      throw new GateFailure(`${path} is not of the right form`);
  };

const isBoolean: Check = (value, path) => {
  if (typeof value !== "boolean") throw new GateFailure(`${path} is not true or false`);
};

const portFrom =
  (least: number): Check =>
  (value, path) => {
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > 65_535) {
      throw new GateFailure(`${path} is not a port`);
    }
  };

const hostPattern: Check = (value, path) => {
  const parsed = parseHostPattern(String(value));
  if (!parsed.ok || parsed.host !== value) throw new GateFailure(`${path} is not a canonical host name`);
};

const hostName: Check = (value, path) => {
  hostPattern(value, path);
  if (String(value).startsWith("*")) throw new GateFailure(`${path} is a pattern`);
};

/** All addresses at once would be heard on the way out too */
const ownAddress: Check = (value, path) => {
  if (typeof value !== "string" || !isIpv4(value) || value.startsWith("0."))
    throw new GateFailure(`${path} is not an IPv4 address of its own`);
};

const optional =
  (check: Check): Check =>
  (value, path) => {
    if (value !== undefined) check(value, path);
  };

const list =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) throw new GateFailure(`${path} is not a list`);
    value.forEach((item, index) => check(item, `${path}[${index}]`));
  };

const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new GateFailure(`${path} is not an object`);
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name)) throw new GateFailure(`${path} has an unknown field`);
    }
    for (const [name, check] of Object.entries(fields)) {
      check((value as Record<string, unknown>)[name], `${path}.${name}`);
    }
  };

const destination = record({
  host: hostPattern,
  port: portFrom(1),
  protocol: oneOf("tls", "ssh", "http"),
  isPrivate: isBoolean,
  isInspected: optional(isBoolean),
  inspect: optional(record({ allow: list(matching(/^[A-Za-z0-9_:.-]{1,320}$/)) })),
});

const variableName = matching(/^[A-Za-z_][A-Za-z0-9_]{0,255}$/);
/** A line break would end the header */
const headerText = matching(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/);

const api = record({
  host: hostName,
  isPrivate: isBoolean,
  credential: record({
    header: oneOf("authorization", "x-api-key"),
    value: headerText,
    name: optional(variableName),
  }),
});

const secret = record({
  name: variableName,
  placeholder: matching(/^[a-z0-9-]{16,512}$/),
  value: headerText,
  hosts: list(hostName),
});

const ownSecret = record({
  rule: matching(/^[A-Za-z0-9_:.-]{1,320}$/),
  value: matching(/^[\s\S]{1,131072}$/),
  isInBottle: isBoolean,
  isSure: isBoolean,
});

const sshKey = record({
  privateKey: matching(/^-----BEGIN [A-Z0-9 ]+-----\r?\n/),
  // ssh-add reads it up to the end of its line
  passphrase: optional(matching(/^[^\0\r\n]{1,1000}$/)),
  host: matching(/^[\x21-\x7e]{1,255}$/),
  // In a constraint of ssh-add `*` and `?` make a pattern, `@` and `>` part it
  user: matching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/),
  // Goes into a known_hosts file, where a line break would pin a second key
  hostKey: matching(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}$/),
});

const configuration = record({
  type: oneOf("configure"),
  address: optional(ownAddress),
  peer: optional(ownAddress),
  destinations: list(destination),
  filter: oneOf("pipelock", "builtin"),
  api: optional(api),
  sshKeys: list(sshKey),
  secrets: optional(list(secret)),
  own: optional(list(ownSecret)),
  inspect: optional(
    record({
      caDirectory: matching(/^\/[^\0]*$/),
      caKey: optional(
        matching(/^-----BEGIN EC PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END EC PRIVATE KEY-----\n$/),
      ),
    }),
  ),
  ports: optional(
    record({
      proxy: portFrom(0),
      api: portFrom(0),
      sshAgent: portFrom(0),
      pipelock: portFrom(0),
      ask: optional(portFrom(0)),
    }),
  ),
});

const id = matching(/^[A-Za-z0-9-]{1,64}$/);

/** Timers of Node end at 2^31 ms; a grant for longer than a week belongs into the manifest */
const grantTime: Check = (value, path) => {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 7 * 86_400_000)
    throw new GateFailure(`${path} is not a time of at most a week`);
};

const liveMessages: Readonly<Record<string, Check>> = {
  allow: record({ type: oneOf("allow"), id, destination, forMs: optional(grantTime) }),
  deny: record({ type: oneOf("deny"), id, host: hostPattern, port: portFrom(1) }),
  forget: record({ type: oneOf("forget"), id, host: hostPattern, port: portFrom(1) }),
  describe: record({ type: oneOf("describe"), id }),
  ping: record({ type: oneOf("ping"), id }),
  begin: record({ type: oneOf("begin"), id }),
  end: record({ type: oneOf("end"), id }),
};
