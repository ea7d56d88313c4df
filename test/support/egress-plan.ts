/** The plan of such a bottle (egress-bottle.ts), and what a test may ask of it. */
import type { SessionTerminal } from "../../src/core/terminal.ts";
import { parseHostPort } from "../../src/core/host-port.ts";
import type { HostRules } from "../../src/core/http-rules/host-rules.ts";
import type { BottleEntry, BoundEntry, InspectGrant, RuledGrant } from "../../src/manifest/manifest.ts";
import type { ProxyPlan } from "../../src/plan/egress-plan.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { CanaryKind } from "../../src/core/canaries.ts";
import type { BottlePlan } from "../../src/plan/plan.ts";
import { aBottle } from "./manifests.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";

export interface EgressBottleOptions {
  readonly allowlist?: readonly string[];
  readonly private?: readonly string[];
  /** Hosts of which a part is allowed; beside `private` for those that lead to a private address */
  readonly ruled?: readonly ({ readonly host: string } & Partial<HostRules> & Pick<HostRules, "allow">)[];
  /** Names alone are for the gate to look at */
  readonly inspect?: readonly (string | Omit<InspectGrant, "source">)[];
  readonly http?: readonly string[];
  /** As a manifest has them; their hosts are private */
  readonly git?: readonly Readonly<Record<string, unknown>>[];
  readonly tcp?: readonly string[];
  readonly ssh?: readonly SshGrant[];
  /** As a manifest has them */
  readonly services?: Readonly<Record<string, unknown>>;
  /** Tells kept data of one test from that of another */
  readonly dataKey?: string;
  /** Secrets that are bound to hosts */
  readonly secrets?: readonly BoundSecret[];
  /** Image of pipelock or its stand-in; without one the gate works alone */
  readonly pipelockImage?: string;
  /** All hosts but `direct` are reached through it */
  readonly proxy?: {
    readonly address: string;
    readonly direct: readonly string[];
    readonly authorization?: string;
  };
  /** `runsc` for gVisor; the engine's default otherwise */
  readonly runtime?: RuntimeChoice;
  /** Instead of the image for tests */
  readonly image?: string;
  /** Below what the manifest adds to it */
  readonly sidecarImage?: string;
  readonly terminal?: SessionTerminal;
  /** How much hosts may be sent */
  readonly bounds?: readonly Omit<BoundEntry, "source">[];
  /** Kinds of made-up credentials */
  readonly canaries?: readonly CanaryKind[];
}

export interface SshGrant {
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly passphrase?: string;
}

export interface BoundSecret {
  readonly name: string;
  readonly value: string;
  /** None for a value that the bottle holds */
  readonly hosts: readonly string[];
}

const source = { file: "test.json", scope: "home", line: 1, column: 1 } as const;
const mebibyte = 1024 * 1024;

/** With what the options name and nothing else. */
export function makeTestPlan(image: string, options: EgressBottleOptions): BottlePlan {
  const grants = (hosts: readonly string[] = []) => hosts.map((text) => ({ ...readPair(text), source }));
  const entries = (options.ssh ?? []).map(({ host, hostname, port, hostKey }) => ({
    host,
    hostname,
    port,
    hostKey,
    user: "git",
    source,
  }));
  const bottle: BottleEntry = {
    name: "egress",
    env: (options.secrets ?? []).map(({ name, hosts }) => ({
      name,
      ...(hosts.length > 0 ? { hosts } : {}),
      value: { kind: "variable", variable: name },
      source,
    })),
    ssh: entries.map((one) => ({ ...one, identityFile: "/nowhere/key" })),
    egress: {
      allowlist: [...grants(options.allowlist), ...(options.ruled ?? []).map(toRuled)],
      private: grants(options.private),
      inspect: (options.inspect ?? []).map((one) =>
        typeof one === "string" ? { host: one, source } : { ...one, source },
      ),
      http: grants(options.http),
      tcp: grants(options.tcp),
    },
    ...(options.git && {
      git: aBottle({ git: options.git }).git?.map((one) => ({ ...one, isPrivate: true, source })),
    }),
    ...(options.services && { services: aBottle({ services: options.services }).services }),
    ...(options.canaries && { canaries: options.canaries }),
    ...(options.bounds && { bounds: options.bounds.map((one) => ({ ...one, source })) }),
    auth: "gate",
    limits: { memoryBytes: 512 * mebibyte, cpus: undefined, pids: 256 },
    dockerfile: undefined,
    source,
  };
  return makePlan({
    session: crypto.randomUUID().slice(0, 6),
    agent: { name: "probe", bottle: "egress", skills: [], prompt: "", source },
    bottle,
    image: {
      reference: image,
      ...(options.sidecarImage !== undefined && { sidecarReference: options.sidecarImage }),
      state: "given",
      baseImage: image,
      claudeVersion: "0",
      dockerfile: undefined,
    },
    runtime: {
      name: options.runtime === "runsc" ? "runsc" : undefined,
      label: options.runtime ?? "default",
      reason: "",
      state: "ready",
    },
    skills: [],
    services: { images: new Map(), dataKey: options.dataKey ?? "" },
    ssh: entries.map((one) => ({ ...one, identityFile: "", fingerprint: "", hostKeyFingerprint: "" })),
    workspace: undefined,
    filter: options.pipelockImage === undefined ? "builtin" : "pipelock",
    pipelockImage: options.pipelockImage ?? "",
    proxy: options.proxy && makeProxyPlan(options.proxy),
    claudeArguments: [],
    hasTerminal: false,
    token: { kind: "oauth", variable: "CLAUDE_BOTTLE_OAUTH_TOKEN" },
    hasVariable: () => true,
  });
}

function toRuled({
  host,
  allow,
  account = "own",
}: NonNullable<EgressBottleOptions["ruled"]>[number]): RuledGrant {
  return { host, rules: { lines: allow.map((text) => ({ text, source })), account }, source };
}

function makeProxyPlan({
  address,
  direct,
  authorization,
}: NonNullable<EgressBottleOptions["proxy"]>): ProxyPlan {
  const [host = "", port] = address.split(":");
  const hasCredentials = authorization !== undefined;
  return {
    host,
    port: Number(port),
    hasCredentials,
    variable: "HTTPS_PROXY",
    direct: [...direct, host],
    nameservers: [],
  };
}

function readPair(text: string): { readonly host: string; readonly port?: number | undefined } {
  const parsed = parseHostPort(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return { host: parsed.host, port: parsed.port };
}
