/** The shape of a manifest file, once: what is validated here is also what `claude-bottle schema` tells editors. */
import * as v from "valibot";
import { parseHostName } from "../core/host-name.ts";
import { parseHostPort } from "../core/host-port.ts";
import { quote } from "../core/text.ts";
import { boundsEntries } from "./bounds-schema.ts";
import { chooseByType } from "./choose-by-type.ts";
import { claudeEntries } from "./claude-schema.ts";
import { parseHostKey } from "./host-key.ts";
import { filesEntries } from "./files-schema.ts";
import { gitEntries } from "./git-schema.ts";
import { imageEntries } from "./image-schema.ts";
import { limitsEntries } from "./limits-schema.ts";
import { exactPair, hostPort, inspectEntry, toHost } from "./host-schema.ts";
import { allowEntry } from "./rules-schema.ts";
import { includeEntry } from "./includes.ts";
import { findReservation } from "./reserved-env.ts";
import { servicesEntries } from "./services-schema.ts";
import { trapsEntries } from "./traps-schema.ts";
import { textThat } from "./text-that.ts";
import { setupEntries } from "./setup-schema.ts";
import { workspaceEntries } from "./workspace-schema.ts";
import { must } from "./rule.ts";
import type { Rule } from "./rule.ts";

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const nameRule = must(
  "begin with a letter or digit and hold only letters, digits, '.', '_' and '-' (64 at most)",
);

const name = v.pipe(v.string(), v.regex(namePattern, nameRule));

const hostList = <T extends typeof hostPort | typeof inspectEntry | typeof allowEntry>(
  entry: T,
  description: string,
) =>
  v.pipe(
    v.array(entry),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const seen = new Set<string>();
      for (const [index, value] of dataset.value.entries()) {
        const read = parseHostPort(toHost(value));
        if (!read.ok) continue;
        const pair = read.port === undefined ? read.host : `${read.host}:${read.port}`;
        if (seen.has(pair)) {
          addIssue({
            message: `${quote(pair)} is listed twice`,
            path: [{ type: "array", origin: "value", input: dataset.value, key: index, value }],
          });
        }
        seen.add(pair);
      }
    }),
    v.description(description),
  );

/** Words that end up in ssh_config: whitespace and control characters could begin another setting. */
const sshWord = (pattern: RegExp, rule: Rule) => v.pipe(v.string(), v.regex(pattern, rule));

const portRule = must("be a port number from 1 to 65535");
/** ssh_config has text there, and so had the first manifests */
const port = v.union(
  [
    v.pipe(v.number(portRule), v.integer(portRule), v.minValue(1, portRule), v.maxValue(65_535, portRule)),
    v.pipe(
      v.string(),
      v.regex(/^[1-9]\d{0,4}$/, portRule),
      v.check((value) => Number(value) <= 65_535, portRule),
    ),
  ],
  portRule,
);

const envName = textThat((value) => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(value))
    return "is not a name for a variable: letters, digits and '_' only";
  const reason = findReservation(value);
  return reason === undefined ? undefined : `is reserved: ${reason}`;
});

const envValue = v.pipe(
  textThat((value) => {
    if (value.includes("\0")) return "holds a NUL character";
    if (value.startsWith("?") || /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(value)) return undefined;
    if (/^\$\{[A-Za-z_][^}]*\}$/.test(value))
      return "has no name for a variable in ${…}: letters, digits and '_' only";
    return /\$\{[A-Za-z_]/.test(value)
      ? "mixes ${…} with other text; only a whole value can be ${NAME}"
      : undefined;
  }),
  v.description(
    '"?text" is asked for at launch, "${NAME}" is copied from the host environment, anything else is literal',
  ),
);

/** Exact names: a pattern would hand the secret to hosts that nobody has named. */
const boundHost = textThat((value) => {
  if (value.startsWith("*."))
    return `${quote(value)} is a pattern; a secret is for hosts that are named one by one`;
  const parsed = parseHostName(value);
  return parsed.ok ? undefined : `${quote(value)} is not a host: ${parsed.problem}`;
});

const boundSecret = v.strictObject({
  value: envValue,
  hosts: v.pipe(
    v.array(boundHost),
    v.minLength(1, "is empty; name at least one host"),
    v.description(
      "The value stays in the sidecar and is put into credential headers of requests to these hosts",
    ),
  ),
});

const envEntry = chooseByType(v.union([envValue, boundSecret]), (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? boundSecret : envValue,
);

const ssh = v.strictObject({
  Host: v.pipe(sshWord(namePattern, nameRule), v.description("Alias, as in ssh_config")),
  Hostname: v.pipe(
    textThat((value) => {
      const parsed = parseHostName(value);
      return parsed.ok ? undefined : `${quote(value)} is not a host name: ${parsed.problem}`;
    }),
    v.description("Name or IPv4 address of the server"),
  ),
  User: v.pipe(
    // Not "@": a constraint of ssh-add ends the name there, so that a key could not be bound to it
    sshWord(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, must("hold only letters, digits, '.', '_' and '-'")),
    v.description("Name to log in with; the key signs for no other"),
  ),
  Port: v.optional(v.pipe(port, v.description("22 by default"))),
  IdentityFile: v.pipe(
    textThat((value) => {
      if (/[\u0000-\u001f\u007f]/.test(value)) return "holds a control character";
      return /^(~?\/|\/)./.test(value) ? undefined : must("be an absolute path or begin with ~/");
    }),
    v.description("Private key on this machine; it is not copied into the bottle"),
  ),
  KnownHostKey: v.pipe(
    textThat((value) => {
      const parsed = parseHostKey(value);
      return parsed.ok ? undefined : parsed.problem;
    }),
    v.description("The server's pinned public key, a line of known_hosts (plain or hashed) or the key alone"),
  ),
});

const base = (kind: string) =>
  v.optional(
    v.pipe(name, v.description(`Another ${kind} to stand on: lists add up, and own values go first`)),
  );

const bottle = v.strictObject({
  extends: base("bottle"),
  env: v.optional(v.record(envName, envEntry)),
  ssh: v.optional(v.array(ssh)),
  ...filesEntries,
  ...gitEntries,
  egress: v.optional(
    v.strictObject({
      allowlist: v.optional(
        hostList(
          allowEntry,
          "Hosts reachable over TLS, on port 443 or the one after a colon; *.example.com names example.com and everything below it. An object allows some requests to a host only",
        ),
      ),
      private: v.optional(
        hostList(
          hostPort,
          "Hosts that may lead to a private address (LAN, Tailscale), on any allowed port or the one after a colon; listing them here allows them over TLS too",
        ),
      ),
      inspect: v.optional(
        hostList(
          inspectEntry,
          "Hosts whose TLS the sidecar opens to look for secrets in what leaves; listing them here allows them too",
        ),
      ),
      http: v.optional(
        hostList(
          hostPort,
          "Hosts reachable by plain http, on port 80 or the one after a colon; everything sent and received is read by pipelock",
        ),
      ),
      tcp: v.optional(
        hostList(
          exactPair,
          "Hosts with their port that are reachable by any protocol, through CONNECT; nothing is looked for",
        ),
      ),
    }),
  ),
  auth: v.optional(
    v.pipe(
      v.picklist(["gate", "env"]),
      v.description(
        '"gate": Claude\'s token stays in the sidecar (default). "env": it is put into the bottle',
      ),
    ),
  ),
  ...limitsEntries,
  ...imageEntries,
  ...servicesEntries,
  ...setupEntries,
  ...trapsEntries,
  ...boundsEntries,
  ...workspaceEntries,
});

const agent = v.strictObject({
  extends: base("agent"),
  bottle: v.optional(
    v.pipe(name, v.description("Name of an entry under bottles; may be left out with extends")),
  ),
  skills: v.optional(
    v.pipe(
      v.array(name),
      v.description("Folders under skills in ~/.claude, or where CLAUDE_CONFIG_DIR says"),
    ),
  ),
  prompt: v.optional(v.pipe(v.string(), v.description("Appended to Claude's system prompt"))),
  onHangup: v.optional(
    v.pipe(
      v.picklist(["stop", "detach"]),
      v.description(
        'What a closed terminal does: "stop" ends the session (default), "detach" leaves it running',
      ),
    ),
  ),
  ...claudeEntries,
  ...workspaceEntries,
});

export const manifestSchema = v.strictObject({
  $schema: v.optional(v.string()),
  include: includeEntry,
  bottles: v.optional(v.record(name, bottle)),
  agents: v.optional(v.record(name, agent)),
});

export type RawManifest = v.InferOutput<typeof manifestSchema>;
export type RawBottle = v.InferOutput<typeof bottle>;
export type RawAgent = v.InferOutput<typeof agent>;
export type RawSsh = v.InferOutput<typeof ssh>;
