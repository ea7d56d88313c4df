/** A bottle's devcontainer.json in words for the preflight, and in a line for the policy. */
import { describeContent, shortDigest } from "./phrases.ts";
import type { ImagePlan } from "./plan.ts";

/** The image that others made and the manifest chose: to run as it is, or to build on. */
export function findForeignImage({
  name,
  devcontainer,
}: Pick<ImagePlan, "name" | "devcontainer">): string | undefined {
  return name ?? devcontainer?.image;
}

/** What the file does to the image, a sentence a row. */
export function describeDevcontainer(image: ImagePlan): string[][] {
  const { devcontainer } = image;
  if (!devcontainer) return [];
  const { path, build, notes } = devcontainer;
  const args = Object.entries(build?.args ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    `as ${path} says ${shortDigest(devcontainer)}, with what a bottle needs on top: Claude Code, Node, git, ssh, rsync and socat`,
    "the sidecar, which holds the secrets, runs from the default image",
    ...(build?.target === undefined ? [] : [`stage ${build.target} of the Dockerfile`]),
    ...(args.length === 0 ? [] : [`build arguments ${args.join(", ")}`]),
    ...describeFeatures(image),
    ...notes,
  ].map((line) => ["", line]);
}

function describeFeatures({ devcontainer, features = [] }: ImagePlan): string[] {
  return (devcontainer?.features ?? []).map(({ id, options }) => {
    const content = features.find((one) => one.id === id);
    const words = Object.entries(options).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const amount = content ? ` (${describeContent(content)})` : "";
    return `feature ${id}${amount}: its install.sh runs as root in the build${words.length === 0 ? "" : `, with ${words.join(" ")}`}`;
  });
}

/** One line a grant. The text decides all of it but the files of a build and of features, which have lines of their own. */
export function devcontainerPolicy({ devcontainer, features = [] }: ImagePlan): string[] {
  if (!devcontainer) return [];
  return [
    `devcontainer ${devcontainer.path} ${devcontainer.digest}`,
    ...features.map(({ id, directory, digest }) => `feature ${id} ${directory} ${digest}`),
  ];
}
