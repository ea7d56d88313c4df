/** The part of a manifest that concerns the image: one's own Dockerfile, an image made by others, packages on top. */
import * as v from "valibot";
import { must } from "./rule.ts";
import type { Rule } from "./rule.ts";
import { textThat } from "./text-that.ts";

/** Exact names; they end up in a shell command of a build. */
export interface Packages {
  readonly apt: readonly string[];
  readonly npm: readonly string[];
}

/** Debian's rule (policy 5.6.1), and a version after "=". A "-" at the end would make apt remove it. */
const aptPattern = /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](?:=[A-Za-z0-9.+:~-]*[A-Za-z0-9.+:~])?$/;
/** A name of the registry, with a version or a tag; no address, no folder, no range */
const npmPattern = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*(?:@[A-Za-z0-9][A-Za-z0-9.+-]*)?$/;
/** What `docker pull` takes, in lower case, with a tag or a digest */
export const imagePattern =
  /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?::\d{1,5}(?=\/))?(?:\/[a-z0-9._-]*[a-z0-9])*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** Of an image that others make */
export const imageName = v.pipe(
  v.string(),
  v.regex(imagePattern, must("be the name of an image, such as registry.example/agent:2")),
);

const names = (pattern: RegExp, rule: Rule, description: string) =>
  v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(pattern, rule))), v.description(description)));

/** Of a file or a folder on this machine */
export const pathText = textThat((value) =>
  value === "" || /[\u0000-\u001f\u007f]/.test(value) ? must("be a path") : undefined,
);

export const pathEntry = (description: string) => v.optional(v.pipe(pathText, v.description(description)));

/** What a language's usual work takes, by the names of Debian */
const presets = {
  python: ["python3", "python3-dev", "python3-pip", "python3-venv", "gcc"],
  go: ["golang-go", "gcc", "libc6-dev"],
  rust: ["cargo", "rustc", "gcc", "libc6-dev"],
  c: ["gcc", "g++", "make", "cmake", "pkg-config", "libc6-dev"],
  java: ["default-jdk-headless", "maven"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Preset = keyof typeof presets;

/** Further keys of a bottle. */
export const imageEntries = {
  image: v.optional(
    v.pipe(
      v.strictObject({
        dockerfile: pathEntry(
          "Built on top of the default image: begins with ARG BASE_IMAGE, and its last stage starts from ${BASE_IMAGE}",
        ),
        context: pathEntry(
          "Folder that COPY and ADD copy from, except what its .dockerignore names; without it, only the Dockerfile is sent",
        ),
        name: v.optional(
          v.pipe(
            imageName,
            v.description(
              "Used as it is: it must be on glibc (Debian, Ubuntu, Fedora) and hold claude, Node 22, git and a user with the id 1000 whose home folder the group may write to",
            ),
          ),
        ),
        devcontainer: v.optional(
          v.pipe(
            v.union([v.literal(true), pathText], must("be true or a path")),
            v.description(
              "true: .devcontainer/devcontainer.json or .devcontainer.json beside this file, or a path of one; its image or build, with what a bottle needs on top",
            ),
          ),
        ),
      }),
      v.check(
        ({ devcontainer, dockerfile, name }) =>
          devcontainer === undefined || (dockerfile === undefined && name === undefined),
        "has devcontainer beside dockerfile or name; keep one",
      ),
      v.check(
        ({ dockerfile, name }) => dockerfile === undefined || name === undefined,
        "has both dockerfile and name; keep one",
      ),
      v.check(
        ({ dockerfile, context }) => context === undefined || dockerfile !== undefined,
        "has context without dockerfile, and nothing else is built from it",
      ),
    ),
  ),
  packages: v.optional(
    v.strictObject({
      preset: v.optional(
        v.pipe(
          v.array(v.picklist(Object.keys(presets) as Preset[])),
          v.description("Debian packages for a language, as the base image's Debian has them"),
        ),
      ),
      apt: names(
        aptPattern,
        must("be the name of a Debian package, with =VERSION at most"),
        'Debian packages, such as "postgresql-client"',
      ),
      npm: names(
        npmPattern,
        must("be the name of an npm package, with @VERSION at most"),
        "npm packages that are installed globally",
      ),
    }),
  ),
} as const;

interface RawImage {
  readonly packages?:
    | {
        readonly preset?: readonly Preset[] | undefined;
        readonly apt?: readonly string[] | undefined;
        readonly npm?: readonly string[] | undefined;
      }
    | undefined;
}

/** Undefined for a bottle that asks for none. */
export function readPackages({ packages }: RawImage): Packages | undefined {
  const preset = (packages?.preset ?? []).flatMap((name) => presets[name]);
  const apt = [...new Set([...preset, ...(packages?.apt ?? [])])].toSorted();
  const npm = [...new Set(packages?.npm)].toSorted();
  return apt.length + npm.length === 0 ? undefined : { apt, npm };
}
