/** pipelock's releases: which are offered, which one an image is by its name, and what each wants to be told otherwise. */
import { isNewer } from "../core/version-order.ts";

export interface FilterRelease {
  /** As it is chosen */
  readonly name: string;
  readonly version: string;
  /** For amd64 and arm64 */
  readonly image: string;
}

const repository = "ghcr.io/luckypipewrench/pipelock";

/** The first is the default. The second has not run against this program yet: its configuration is made by what its documents say. */
export const filterReleases: readonly [FilterRelease, ...FilterRelease[]] = [
  {
    name: "2.3",
    version: "2.3.0",
    image: `${repository}@sha256:3b1a39417b98406ddc5dc2d8fcb42865ddc0c68a43d355db55f0f8cb06bc6de9`,
  },
  {
    name: "3.5",
    version: "3.5.0",
    image: `${repository}@sha256:73e5d240f2ae02392c7de9c8858e9dee164396382c13e0ea95b4a497b2567965`,
  },
];

/** Only releases from here on get fixes */
const maintainedSince = "3.0.0";

/** Of an image that is named as it is offered here; any other has to be asked itself. */
export function versionOf(image: string): string | undefined {
  return filterReleases.find((one) => one.image === image)?.version;
}

/** What people are told of an image whose release gets no fixes any more; nothing of one that is not known by its name. */
export function noteOnFixes(image: string): string[] {
  const version = versionOf(image);
  if (version === undefined || !isNewer(maintainedSince, version)) return [];
  return [`pipelock ${version} no longer gets fixes; CLAUDE_BOTTLE_FILTER=3.5 uses a release that does`];
}

type Section = Readonly<Record<string, unknown>>;

/** Changes of the configuration since 2.3.0, by what the documents of each release say. A later one gets all of them. */
const changes: readonly { readonly since: string; readonly sections: Readonly<Record<string, Section>> }[] = [
  // The limit is one on dialling from here on, and what records requests is on by default
  {
    since: "2.7.0",
    sections: { forward_proxy: { max_tunnel_seconds: 30 }, flight_recorder: { enabled: false } },
  },
  // ssh goes through CONNECT too
  { since: "3.3.0", sections: { forward_proxy: { sni_require_tls: false } } },
];

/** The configuration as this release wants it. */
export function forRelease(
  config: Readonly<Record<string, unknown>>,
  version: string,
): Record<string, unknown> {
  const result: Record<string, unknown> = { ...config };
  for (const { since, sections } of changes) {
    if (isNewer(since, version)) continue;
    for (const [name, section] of Object.entries(sections))
      result[name] = { ...(result[name] as Section | undefined), ...section };
  }
  return result;
}

/** From here on names are checked when the configuration is loaded */
const namesCheckedSince = "3.6.0";

/** Hosts that this release does not load a configuration with, and why; a bottle that had one would not start. */
export function findUnloadable(
  hosts: readonly string[],
  version: string,
): readonly { readonly host: string; readonly problem: string }[] {
  if (isNewer(namesCheckedSince, version)) return [];
  return hosts.flatMap((host) => {
    const problem = problemWith(host);
    return problem === undefined ? [] : [{ host, problem }];
  });
}

function problemWith(host: string): string | undefined {
  if (host.includes("_")) return "it has an underscore";
  const labels = host.replace(/^\*\./, "").split(".");
  if (labels.length < 2) return "it has one label only";
  const isSuffix =
    host.startsWith("*.") &&
    labels.length === 2 &&
    /^(?:co|com|net|org|gov|edu|ac)\.[a-z]{2}$/.test(labels.join("."));
  return isSuffix ? "it covers a whole public suffix" : undefined;
}
