/**
 * What of a repository went into a bottle, noted beside it: what comes back is told by comparing with this, and not with HEAD, which says
 * nothing of the user's own changes. Records end with a NUL each: a JSON head, then one for each ref and each file.
 */

export interface WentIn {
  readonly head: WentInHead;
  readonly refs: readonly WentInRef[];
  readonly files: readonly WentInFile[];
  /** Of files and submodules that are in the index and not on the disk: path to id */
  readonly absent: ReadonlyMap<string, string>;
}

export interface WentInHead {
  readonly version: 1;
  /** Commit that was checked out; empty before the first one */
  readonly commit: string;
  /** `refs/heads/main`; empty for a detached head */
  readonly branch: string;
  /** Settings that decide what git makes of a file: `core.autocrlf` and its like, by key */
  readonly settings: Readonly<Record<string, string>>;
  /** The user's own lists, which stand outside of the repository; bytes as latin1 */
  readonly ignore: string;
  readonly attributes: string;
  /** What was not committed when it went in is the agent's, too: a session that is taken up again */
  readonly isResumed: boolean;
}

export interface WentInRef {
  readonly name: string;
  readonly id: string;
}

export interface WentInFile {
  /** Bytes as latin1 */
  readonly path: string;
  /** As git has it: `100644`, `100755`, `120000`; `160000` for a submodule, whose ids are those of its commit */
  readonly mode: string;
  /** Of the content as it lay on the disk, or of a link's target */
  readonly rawId: string;
  /** Of what the index has for it; undefined for a file that the user did not track */
  readonly indexId: string | undefined;
  /** The file is not as the index has it: the user changed it */
  readonly isChanged: boolean;
  readonly size: number;
  /** Whole seconds since 1970, as an archive carries them */
  readonly seconds: number;
}

/** What decides how a file on the disk becomes one in a commit, and what may be set by a note: an agent can have written it */
export const contentKeys: ReadonlySet<string> = new Set([
  "core.autocrlf",
  "core.eol",
  "core.filemode",
  "core.symlinks",
  "core.ignorecase",
  "core.precomposeunicode",
  "core.checkroundtripencoding",
]);

/** The bytes of the note, as latin1. */
export function renderWentIn({ head, refs, files, absent }: WentIn): string {
  const records = [toBytes(JSON.stringify(head))];
  for (const { name, id } of refs) records.push(`ref ${id} ${toBytes(name)}`);
  for (const one of files) {
    const index = `${one.isChanged ? "!" : ""}${one.indexId === one.rawId ? "=" : (one.indexId ?? "-")}`;
    records.push(`file ${one.mode} ${one.rawId} ${index} ${one.size} ${one.seconds} ${one.path}`);
  }
  for (const [path, id] of absent) records.push(`absent ${id} ${path}`);
  return `${records.join("\0")}\0`;
}

const filePattern = /^file (\d{6}) ([0-9a-f]{40,64}) (!?)(-|=|[0-9a-f]{40,64}) (\d{1,15}) (\d{1,12}) ([^]+)$/;
const absentPattern = /^absent ([0-9a-f]{40,64}) ([^]+)$/;
const refPattern = /^ref ([0-9a-f]{40,64}) ([^]+)$/;

/** Undefined if it is not what `renderWentIn` writes: an agent can have changed it. `text` is latin1. */
export function parseWentIn(text: string): WentIn | undefined {
  const [first = "", ...records] = text.split("\0");
  const head = parseHead(first);
  if (!head || records.pop() !== "") return undefined;
  const refs: WentInRef[] = [];
  const files: WentInFile[] = [];
  const absent = new Map<string, string>();
  for (const record of records) {
    const file = filePattern.exec(record);
    if (file) {
      const [, mode = "", rawId = "", changed, index = "", size, seconds, path = ""] = file;
      const indexId = index === "-" ? undefined : index === "=" ? rawId : index;
      const isChanged = changed === "!";
      files.push({ path, mode, rawId, indexId, isChanged, size: Number(size), seconds: Number(seconds) });
      continue;
    }
    const [, absentId, path] = absentPattern.exec(record) ?? [];
    if (absentId !== undefined && path !== undefined) {
      absent.set(path, absentId);
      continue;
    }
    const [, id, name] = refPattern.exec(record) ?? [];
    if (id === undefined || name === undefined) return undefined;
    refs.push({ id, name: toText(name) });
  }
  return { head, refs, files, absent };
}

function parseHead(text: string): WentInHead | undefined {
  try {
    const { version, commit, branch, settings, ignore, attributes, isResumed } = Object(
      JSON.parse(toText(text)),
    ) as Record<string, unknown>;
    if (version !== 1) return undefined;
    const entries = Object.entries(Object(settings) as object).filter(
      ([key, value]) => contentKeys.has(key) && typeof value === "string",
    );
    return {
      version,
      commit: String(commit ?? ""),
      branch: String(branch ?? ""),
      settings: Object.fromEntries(entries) as Record<string, string>,
      ignore: String(ignore ?? ""),
      attributes: String(attributes ?? ""),
      isResumed: isResumed === true,
    };
  } catch {
    return undefined;
  }
}

function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function toText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
