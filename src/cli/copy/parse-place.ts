/** What SOURCE and TARGET of `claude-bottle cp` mean, by the rules of `docker cp`. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";

export type Place =
  | { readonly kind: "local"; readonly path: string }
  /** `bottle` undefined: the user's only one, or one that is picked from a list */
  | { readonly kind: "bottle"; readonly bottle: string | undefined; readonly path: string }
  /** stdin or stdout */
  | { readonly kind: "stream" };

export interface BottlePlace {
  readonly bottle: string | undefined;
  readonly path: string;
}

export type CopyPlan =
  | { readonly way: "out"; readonly from: BottlePlace; readonly to: Exclude<Place, { kind: "bottle" }> }
  | { readonly way: "in"; readonly from: Exclude<Place, { kind: "bottle" }>; readonly to: BottlePlace };

/** Exactly one side is a bottle. Throws for everything else. */
export function planCopy(source: string, target: string): CopyPlan {
  const from = parsePlace(source);
  const to = parsePlace(target);
  if (from.kind === "bottle" && to.kind !== "bottle") return { way: "out", from, to };
  if (from.kind !== "bottle" && to.kind === "bottle") return { way: "in", from, to };
  throw from.kind === "bottle"
    ? wrongPlaces(
        "both are in a bottle",
        "Copy in two steps, or with a pipe: claude-bottle cp A:PATH - | claude-bottle cp - B:PATH",
      )
    : wrongPlaces(
        "none is in a bottle",
        'Write a place in a bottle as BOTTLE:PATH; "claude-bottle list" shows the names.',
      );
}

/** A path that begins with "/" or "." is one of this machine, whatever else is in it. */
export function parsePlace(word: string): Place {
  if (word === "-") return { kind: "stream" };
  if (word === "") throw wrongPlaces("a path is empty", "Write . for this folder.");
  const colon = word.indexOf(":");
  if (colon < 0 || /^[./]/.test(word)) return { kind: "local", path: word };
  const path = word.slice(colon + 1);
  if (path === "")
    throw wrongPlaces(
      `${quote(word)} names no path`,
      `Write ${quote(`${word}.`)} for what is in its workspace.`,
    );
  return { kind: "bottle", bottle: word.slice(0, colon) || undefined, path };
}

/** What a path ends with, and whether what is in the folder is meant; byte-wise the same on both sides. `folder` is where relative ones begin. */
export function nameSource(
  path: string,
  folder: string,
): { readonly name: string; readonly isContents: boolean } {
  const parts: string[] = [];
  for (const part of `${path.startsWith("/") ? "" : folder}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const name = parts.at(-1) ?? "";
  return { name, isContents: name === "" || /(?:^|\/)\.\/*$/.test(path) };
}

function wrongPlaces(state: string, hint: string): BottleError {
  return new BottleError({ code: "usage", message: `Cannot copy: ${state}`, hint });
}
