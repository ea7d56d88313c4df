/** Named sets of rules: what a client asks for that only installs or only reads. A preset is for a host that the user names. */

export interface RulePreset {
  /** What it is for, as the plan and the documents say it */
  readonly means: string;
  readonly allow: readonly string[];
  /** Clients of it carry tokens that the host itself has just handed out, so that foreign ones cannot be told from them */
  readonly takesAnyAccount?: true;
}

export const rulePresets = {
  "npm-install": {
    means: "installs of npm, yarn, pnpm and bun; no publishing, no accounts",
    allow: [
      "GET /*",
      "GET /@*%2f*",
      "GET /@*/*",
      "GET /*/-/*.tgz",
      "GET /@*/*/-/*.tgz",
      "GET /@*%2f*/-/*.tgz",
      "POST /-/npm/v1/security/advisories/bulk",
      "POST /-/npm/v1/security/audits/quick",
      "GET /-/npm/v1/keys",
    ],
  },
  "pip-install": {
    means: "installs of pip, uv and poetry, from the index and from the host of the files; no uploads",
    allow: ["GET /simple/", "GET /simple/**", "GET /pypi/*/json", "GET /pypi/*/*/json", "GET /packages/**"],
  },
  "cargo-fetch": {
    means: "the index and the files of cargo; no publishing, no yanking",
    allow: [
      "GET /config.json",
      "GET /1/*",
      "GET /2/*",
      "GET /3/*/*",
      "GET /*/*/*",
      "GET /crates/*/*.crate",
      "GET /crates/*/*/download",
      "GET /api/v1/crates/*/*/download",
    ],
  },
  "go-modules": {
    means: "modules of Go's proxy, and its checksum database",
    allow: [
      "GET /**/@v/list",
      "GET /**/@v/*.info",
      "GET /**/@v/*.mod",
      "GET /**/@v/*.zip",
      "GET /**/@latest",
      "GET /sumdb/**",
      "GET /supported",
      "GET /latest",
      "GET /lookup/**",
      "GET /tile/**",
    ],
  },
  apt: {
    means: "lists and packages of apt",
    allow: ["GET /dists/**", "GET /**/dists/**", "GET /pool/**", "GET /**/pool/**"],
  },
  "gem-install": {
    means: "installs of gem and bundler; no pushing",
    allow: [
      "GET /versions",
      "GET /names",
      "GET /info/*",
      "GET /gems/*.gem",
      "GET /specs.4.8.gz",
      "GET /latest_specs.4.8.gz",
      "GET /prerelease_specs.4.8.gz",
      "GET /quick/Marshal.4.8/*",
      "GET /api/v1/dependencies",
    ],
  },
  "docker-pull": {
    means: "pulls from a registry and from who hands out its tokens; no pushing",
    allow: [
      "GET /v2/",
      "GET /v2/**/manifests/*",
      "GET /v2/**/blobs/*",
      "GET /v2/**/tags/list",
      "GET /token?scope=repository:*:pull",
    ],
    takesAnyAccount: true,
  },
  "github-read": {
    means: "reading on github.com, api.github.com and the hosts of its files; clones, and queries of GraphQL",
    allow: ["GET /**", "POST /graphql query", "POST /*/*/git-upload-pack"],
  },
} as const satisfies Readonly<Record<string, RulePreset>>;

export type RulePresetName = keyof typeof rulePresets;

export const rulePresetNames = Object.keys(rulePresets) as readonly RulePresetName[];
