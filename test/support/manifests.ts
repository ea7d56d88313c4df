/** Builders of manifests and plans: each gives something valid, and one object says what is different. */
import { BottleError } from "../../src/core/error.ts";
import type { ManifestFile } from "../../src/core/manifest-file.ts";
import type { BottleEntry, Manifest, SourceRef } from "../../src/manifest/manifest.ts";
import { parseManifests } from "../../src/manifest/parse-manifest.ts";
import type { BottlePlan, FilesPlan, SkillPlan, SshPlan, WorkspacePlan } from "../../src/plan/plan.ts";

export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGoFDnb+MVZX6XkW81wHv//N1YGJvDnOrtP/pB01RTt";

/** A file of the project, or of the home folder. */
export function aFile(content: unknown, scope: ManifestFile["scope"] = "project"): ManifestFile {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const [path, shownPath] =
    scope === "home"
      ? ["/home/u/claude-bottle.json", "~/claude-bottle.json"]
      : ["/code/p/claude-bottle.json", "claude-bottle.json"];
  return { path, shownPath, scope, text };
}

/** A parsed manifest with one agent "helper" in one bottle "dev"; `differences` are its top keys. */
export function aManifest(differences: Record<string, unknown> = {}): Manifest {
  return parseManifests([
    aFile({ bottles: { dev: {} }, agents: { helper: { bottle: "dev" } }, ...differences }),
  ]);
}

/** The entry of a bottle "dev" with these keys. */
export function aBottle(keys: Record<string, unknown> = {}): BottleEntry {
  const bottle = aManifest({ bottles: { dev: keys } }).bottles.get("dev");
  if (!bottle) throw new Error("The builder made no bottle");
  return bottle;
}

/** An entry under ssh that passes every check. */
export function anSshEntry(differences: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Host: "gitea",
    Hostname: "gitea.example",
    User: "git",
    IdentityFile: "~/.ssh/id",
    KnownHostKey: hostKey,
    ...differences,
  };
}

/** What parsing says against these files: code, message, each detail, hint. */
export function complaintAbout(...files: readonly (ManifestFile | string)[]): string {
  const error = errorAbout(...files);
  return [`${error.code}: ${error.message}`, ...error.details, `hint: ${error.hint ?? "none"}`].join("\n");
}

/** The details alone, without the place. */
export function problemsOf(content: unknown): string[] {
  return errorAbout(aFile(content)).details.map((line) => line.replace(/^\S+:\d+:\d+  /, ""));
}

function errorAbout(...files: readonly (ManifestFile | string)[]): BottleError {
  try {
    parseManifests(files.map((file) => (typeof file === "string" ? aFile(file) : file)));
  } catch (error) {
    if (error instanceof BottleError) return error;
    throw error;
  }
  throw new Error("The manifest was taken");
}

export function aSource(differences: Partial<SourceRef> = {}): SourceRef {
  return { file: "claude-bottle.json", scope: "project", line: 3, column: 5, ...differences };
}

export function anSshPlan(differences: Partial<SshPlan> = {}): SshPlan {
  return {
    host: "gitea",
    hostname: "gitea.example",
    user: "git",
    port: 30_009,
    identityFile: "/home/u/.ssh/id",
    fingerprint: "SHA256:keykeykey",
    hostKey,
    hostKeyFingerprint: "SHA256:hosthosthost",
    source: aSource(),
    ...differences,
  };
}

export function aSkillPlan(differences: Partial<SkillPlan> = {}): SkillPlan {
  return {
    name: "init-prd",
    directory: "/home/u/.claude/skills/init-prd",
    files: 3,
    bytes: 2048,
    digest: "5c".repeat(32),
    credentials: [],
    ...differences,
  };
}

export function aFilesPlan(differences: Partial<FilesPlan> = {}): FilesPlan {
  return {
    target: "~/.config/tool/",
    from: "~/dotfiles/tool/",
    path: "/home/u/dotfiles/tool",
    files: 2,
    bytes: 2048,
    digest: "7d".repeat(32),
    leftOut: [],
    source: aSource(),
    ...differences,
  };
}

/** A folder with a repository in which nothing is special. */
export function aWorkspacePlan(differences: Partial<WorkspacePlan> = {}): WorkspacePlan {
  return {
    directory: "/code/p",
    files: 120,
    bytes: 345_678,
    hasRepository: true,
    credentials: [],
    notes: [],
    bring: [],
    exclude: [],
    ...differences,
  };
}

/** A plan that grants nothing. */
export function aPlan(differences: Partial<BottlePlan> = {}): BottlePlan {
  return {
    session: "k3f9q2",
    bottleName: "helper-k3f9q2",
    agent: { name: "helper", prompt: "", source: aSource({ line: 9 }) },
    bottle: { name: "dev", source: aSource({ file: "~/claude-bottle.json", scope: "home" }) },
    image: {
      reference: "claude-bottle:0123456789ab",
      state: "exists",
      baseImage: "node:22-bookworm-slim",
      claudeVersion: "2.1.330",
      dockerfile: undefined,
    },
    runtime: { name: undefined, label: "runc", reason: "the engine's default", state: "ready" },
    env: [],
    skills: [],
    ssh: [],
    egress: { filter: "pipelock", pipelockImage: "pipelock@sha256:3b1a", destinations: [] },
    auth: "gate",
    token: { kind: "oauth", variable: "CLAUDE_BOTTLE_OAUTH_TOKEN" },
    limits: { memoryBytes: 4 * 1024 ** 3, cpus: undefined, pids: 2048 },
    workspace: undefined,
    workspacePatterns: { bring: [], exclude: [] },
    claudeArguments: [],
    hasTerminal: true,
    ...differences,
  };
}
