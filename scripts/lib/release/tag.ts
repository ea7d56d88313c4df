/** A tag, the package's version and the changelog must say the same, or a release would carry a name that is not its own. */

/** Throws for a tag that is not `v` and the version, and for a version that the changelog does not know. */
export function requireTag(tag: string, version: string, changelog: string): void {
  if (tag !== `v${version}`)
    throw new Error(`Cannot release "${tag}": package.json says ${version}, so the tag is v${version}`);
  const heading = new RegExp(`^## ${version.replaceAll(".", "\\.")}(?: |$)`, "m");
  if (!heading.test(changelog))
    throw new Error(`Cannot release "${tag}": CHANGELOG.md has no heading "## ${version}"`);
}
