/** The configuration of a clean clone, written by us: only what a clone needs, with no word taken over unescaped. */

export interface GitFacts {
  readonly branch: string | undefined;
  /** As the repository has it, with credentials */
  readonly remote: string | undefined;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly objectFormat: string | undefined;
}

/** Renders the file. */
export function renderGitConfig({ branch, remote, name, email, objectFormat }: GitFacts): string {
  const url = remote === undefined ? undefined : stripCredentials(remote);
  const isSha256 = objectFormat === "sha256";
  const lines = [
    "[core]",
    `\trepositoryformatversion = ${isSha256 ? 1 : 0}`,
    "\tfilemode = true",
    "\tbare = false",
  ];
  if (isSha256) lines.push("[extensions]", "\tobjectformat = sha256");
  if (url)
    lines.push(
      '[remote "origin"]',
      `\turl = ${quoteConfig(url)}`,
      "\tfetch = +refs/heads/*:refs/remotes/origin/*",
    );
  if (url && branch)
    lines.push(
      `[branch ${quoteConfig(branch)}]`,
      "\tremote = origin",
      `\tmerge = ${quoteConfig(`refs/heads/${branch}`)}`,
    );
  if (name || email) lines.push("[user]");
  if (name) lines.push(`\tname = ${quoteConfig(name)}`);
  if (email) lines.push(`\temail = ${quoteConfig(email)}`);
  return `${lines.join("\n")}\n`;
}

/**
 * `https://user:token@host/x` loses what is before the last @, and what is behind a ? or #; of `ssh://` only the password goes, since
 * the user name is needed. A local path or an ext:: remote is not taken over.
 */
export function stripCredentials(remote: string): string | undefined {
  if (/^[\w.-]+@[\w.-]+:[^:\s]+$/.test(remote)) return remote;
  if (!/^(https?|ssh|git):\/\//.test(remote) || !URL.canParse(remote)) return undefined;
  const url = new URL(remote);
  url.password = "";
  url.search = "";
  url.hash = "";
  if (url.protocol !== "ssh:") url.username = "";
  return url.href;
}

function quoteConfig(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\0", "")}"`;
}
