/** Calls of git-lfs, https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md: large files may be fetched. */
import { GitProblem } from "./problem.ts";
import { malformed } from "./pkt-line.ts";

const objectId = /^[0-9a-f]{64}$/;

/** The body written anew, with what is read here and nothing else. Throws a `GitProblem`. */
export function readLfsBatch(body: Buffer): Buffer {
  let asked: unknown;
  try {
    asked = JSON.parse(body.toString("utf8"));
  } catch {
    throw malformed("the body is not JSON");
  }
  const { operation, objects, hash_algo: hash = "sha256" } = asObject(asked);
  if (operation === "upload")
    throw new GitProblem(
      "git-rule",
      "large files (LFS) may be fetched, but not pushed: they do not go through the push that is looked at",
    );
  if (operation !== "download" || hash !== "sha256" || !Array.isArray(objects))
    throw malformed("the body is no request of git-lfs");
  const wanted = objects.map((one: unknown) => {
    const { oid, size } = asObject(one);
    if (typeof oid !== "string" || !objectId.test(oid) || typeof size !== "number")
      throw malformed("the body names an object that is none");
    return { oid, size };
  });
  return Buffer.from(
    JSON.stringify({ operation, transfers: ["basic"], objects: wanted, hash_algo: "sha256" }),
  );
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
