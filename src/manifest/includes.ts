/** Further files that a manifest names: a team's, beside it. */
import * as v from "valibot";
import type { ManifestFile } from "../core/manifest-file.ts";
import { asList, asObject } from "./fields.ts";
import { parseSource } from "./source-tree.ts";
import { textThat } from "./text-that.ts";
import { must } from "./rule.ts";
import type { Rule } from "./rule.ts";

const maxIncludes = 16;

/** Beside the file or in a folder below it: a project must not name files of the user's. */
function findPlaceProblem(value: string): Rule | undefined {
  if (/[\u0000-\u001f\u007f\\]/.test(value)) return "holds a control character or a backslash";
  if (value === "" || value.startsWith("/") || value.startsWith("~"))
    return must("be a path below the folder of this file");
  return value.split("/").some((part) => part === ".." || part === "")
    ? must("be a path below the folder of this file, without ..")
    : undefined;
}

/** A key of the whole manifest. */
export const includeEntry = v.optional(
  v.pipe(
    v.array(textThat(findPlaceProblem)),
    v.maxLength(maxIncludes, `has more than ${maxIncludes} files`),
    v.description(
      "Further manifests beside this one, such as a team's; what this file says of a name goes before what they say",
    ),
  ),
);

/** The paths as they are written; nothing of what is no path, which the schema tells. */
export function listIncludes({ text }: Pick<ManifestFile, "text">): string[] {
  const paths = asList(asObject(parseSource(text.replace(/^\ufeff/, "")).value)["include"]);
  return paths
    .filter((path): path is string => typeof path === "string" && findPlaceProblem(path) === undefined)
    .slice(0, maxIncludes);
}
