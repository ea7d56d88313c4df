/** Which call of git's a request is: by its exact bytes, so that no server can take it for another. */
import { readRepoPath } from "../../../core/git-rules.ts";

export type GitService = "git-upload-pack" | "git-receive-pack";

export type GitCall = { readonly repo: string } &
  /** What there is, and what the server can do */
  (
    | { readonly kind: "refs"; readonly service: GitService }
    | { readonly kind: "fetch" }
    | { readonly kind: "push" }
    /** Large files: where they are */
    | { readonly kind: "lfs-batch" }
    /** Large files: whether others have locked them; asked before each push */
    | { readonly kind: "lfs-locks" }
    /** One large file */
    | { readonly kind: "lfs-object" }
  );

const object = /^[0-9a-f]{64}$/;

/** Undefined for whatever is no call of git's. `target` is path and query as sent. */
export function readGitCall(method: string, target: string): GitCall | undefined {
  if (!/^\/[A-Za-z0-9._~+/-]+(?:\?[a-z=-]+)?$/.test(target)) return undefined;
  const [path = "", query] = target.slice(1).split("?");
  const service = /^service=(git-upload-pack|git-receive-pack)$/.exec(query ?? "")?.[1] as
    | GitService
    | undefined;
  if (query !== undefined && !service) return undefined;
  const named = (tail: string) =>
    path.endsWith(tail) ? readRepoPath(path.slice(0, -tail.length)) : undefined;
  if (service) {
    const repo = method === "GET" ? named("/info/refs") : undefined;
    return repo === undefined ? undefined : { kind: "refs", service, repo };
  }
  if (method === "GET") return readObject(path);
  if (method !== "POST") return undefined;
  for (const [tail, kind] of posts) {
    const repo = named(tail);
    if (repo !== undefined) return { kind, repo };
  }
  return undefined;
}

const posts = [
  ["/git-upload-pack", "fetch"],
  ["/git-receive-pack", "push"],
  ["/info/lfs/objects/batch", "lfs-batch"],
  ["/info/lfs/locks/verify", "lfs-locks"],
] as const;

function readObject(path: string): GitCall | undefined {
  const [where = "", id = ""] = path.split("/info/lfs/objects/");
  const repo =
    object.test(id) && path === `${where}/info/lfs/objects/${id}` ? readRepoPath(where) : undefined;
  return repo === undefined ? undefined : { kind: "lfs-object", repo };
}
