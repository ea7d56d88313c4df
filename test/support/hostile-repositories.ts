/**
 * What an agent can do to its repository to make a git that works on it execute something, write somewhere, or believe something. Each
 * runs inside a bottle, in the workspace, after `MARK` was set to a command that leaves a mark wherever it runs.
 */

export interface HostileRepository {
  readonly name: string;
  /** For bash; `$MARK` leaves the mark, `$ATTACK` is a script that does */
  readonly script: string;
  /** What arrives in spite of it: refs without `refs/bottles/<session>/`, or `none` for what must not */
  readonly arrives: readonly string[] | "none";
}

const commit = "echo work > work.txt; git add work.txt; git -c core.hooksPath=/dev/null commit -qm Work;";
/** A commit made by hand of a tree with one entry of this name, past all of git's own checks */
const commitEntry = (mode: string, name: string) =>
  `blob=$(echo payload | git hash-object -w --stdin)
   tree=$(printf '${mode} ${name}\\0%b' "$(printf %s "$blob" | sed 's/../\\\\x&/g')" | git hash-object -t tree -w --stdin --literally)
   git update-ref refs/heads/bad "$(git commit-tree -m Bad "$tree")"`;

export const hostileRepositories: readonly HostileRepository[] = [
  {
    name: "hooks of every kind",
    script: `${commit} for hook in post-checkout post-merge pre-commit reference-transaction post-rewrite pre-push post-index-change fsmonitor-watchman pre-auto-gc update post-update; do cp "$ATTACK" .git/hooks/$hook 2>/dev/null || { mkdir -p .git/hooks; cp "$ATTACK" .git/hooks/$hook; }; done`,
    arrives: ["heads/main"],
  },
  {
    name: "core.hooksPath and a template folder",
    script: `${commit} mkdir -p hooks; cp "$ATTACK" hooks/post-checkout; cp "$ATTACK" hooks/reference-transaction; git config core.hooksPath hooks; git config init.templateDir hooks`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "core.fsmonitor",
    script: `${commit} cp "$ATTACK" watch; git config core.fsmonitor ./watch; git config core.fsmonitorHookVersion 2`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "core.sshCommand, gitProxy, uploadpack, askPass and a credential helper",
    script: `${commit} git config core.sshCommand "$ATTACK"; git config core.gitProxy "$ATTACK"; git config uploadpack.packObjectsHook "$ATTACK"; git config core.askPass "$ATTACK"; git config credential.helper "!$MARK"; git config remote.origin.url ssh://evil.example/x; git config remote.origin.uploadpack "$ATTACK"; git config remote.origin.promisor true; git config extensions.partialClone origin; git config core.repositoryformatversion 1`,
    arrives: ["heads/main"],
  },
  {
    name: "clean, smudge and process filters",
    script: `${commit} git config filter.x.clean "$ATTACK"; git config filter.x.smudge "$ATTACK"; git config filter.x.process "$ATTACK"; git config filter.x.required true; echo '* filter=x' > .gitattributes; echo changed >> a.txt`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "diff.external, a diff command, textconv and a merge driver",
    script: `${commit} git config diff.external "$ATTACK"; git config diff.x.command "$ATTACK"; git config diff.x.textconv "$ATTACK"; git config merge.x.driver "$ATTACK"; echo '* diff=x merge=x' > .gitattributes; echo changed >> a.txt`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "include.path, includeIf and aliases",
    script: `${commit} printf '[core]\\n\\tfsmonitor = "%s"\\n\\thooksPath = .\\n[alias]\\n\\tbundle = "!%s"\\n\\tfetch = "!%s"\\n' "$ATTACK" "$MARK" "$MARK" > evil.config; git config include.path ../evil.config; git config includeIf.gitdir:/.path ../evil.config`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "a pager, an editor, a gpg program, a browser",
    script: `${commit} for key in core.pager core.editor sequence.editor gpg.program pager.log interactive.diffFilter; do git config $key "$ATTACK"; done; git config commit.gpgSign true; git config log.showSignature true; git config web.browser x; git config browser.x.cmd "$ATTACK"`,
    arrives: ["heads/main"],
  },
  {
    name: "alternates that lead out, and http alternates",
    script: `${commit} printf '/etc\\n/proc/self/root\\n../../..\\n' > .git/objects/info/alternates; echo http://evil.example/ > .git/objects/info/http-alternates`,
    arrives: ["heads/main"],
  },
  {
    name: "a tree with an entry .git",
    script: `${commit} ${commitEntry("100644", ".git")}`,
    arrives: "none",
  },
  { name: "a tree with an entry ..", script: `${commit} ${commitEntry("100644", "..")}`, arrives: "none" },
  {
    name: "a tree with a path in one entry",
    script: `${commit} ${commitEntry("100644", ".git/hooks/post-merge")}`,
    arrives: "none",
  },
  {
    name: ".git in other letters, as macOS and Windows read it",
    script: `${commit} ${commitEntry("40000", "GIT~1")}; ${commitEntry("100644", ".GiT")}`,
    arrives: "none",
  },
  {
    name: ".gitmodules with a path that leads out, a name that does, and an option for an address",
    script: `printf '[submodule "../../hooks"]\\n\\tpath = ../../x\\n\\turl = -u./payload\\n' > .gitmodules; git add .gitmodules; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),x; git commit -qm Modules`,
    arrives: "none",
  },
  {
    name: "a submodule whose address is a command",
    script: `printf '[submodule "x"]\\n\\tpath = x\\n\\turl = "ext::%s"\\n' "$MARK" > .gitmodules; git add .gitmodules; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),x; git commit -qm Modules; git config submodule.x.url "ext::$MARK"; git config submodule.x.update "!$MARK"; git config submodule.recurse true; git config protocol.ext.allow always`,
    arrives: ["heads/main"],
  },
  {
    name: "names of branches that are paths, options, commands or colours",
    script: `${commit} id=$(git rev-parse HEAD); { echo "# pack-refs with: peeled fully-peeled"; for name in 'refs/heads/../../hooks/post-merge' 'refs/heads/--upload-pack=touch' 'refs/heads/x.lock' 'refs/heads/$(touch x)' 'refs/heads/a;b' 'refs/tags/t' 'refs/remotes/origin/evil' 'refs/heads/HEAD'; do echo "$id $name"; done; printf '%s refs/heads/red\\033[31m\\n' "$id"; printf '%s refs/heads/b\\342\\200\\256idi\\n' "$id"; } > .git/packed-refs; mkdir -p .git/refs/heads/-dash; echo $id > .git/refs/heads/-dash/x; echo $id > ".git/refs/heads/$(printf 'a%.0s' $(seq 200))"`,
    arrives: ["heads/main"],
  },
  {
    name: "branches and files whose names differ in case only",
    script: `${commit} git branch Main; git branch MAIN; git branch feature; git branch Feature/x 2>/dev/null; echo 1 > Readme; echo 2 > README`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "links in the place of .git's own files and folders",
    script: `${commit} rm -rf .git/hooks .git/info; ln -s / .git/hooks; ln -s /etc .git/info; mv .git/refs/heads .git/h; ln -s ../h .git/refs/heads; rm -f .git/packed-refs; ln -s /etc/passwd .git/packed-refs; ln -s /etc/shadow secret; ln -s .. up; rm a.txt; ln -s /etc/passwd a.txt`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: ".git as a link to another folder, and a work tree elsewhere",
    script: `${commit} git config core.worktree /etc; git config core.bare true; mv .git moved; ln -s moved .git`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "pipes and devices where files are expected",
    script: `${commit} rm -f .git/packed-refs .git/info/exclude; mkfifo .git/packed-refs; mkdir -p .git/info .git/refs/heads; mkfifo .git/info/exclude .git/refs/heads/pipe; rm a.txt; mkfifo a.txt; mkfifo pipe`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "a huge file without content, and one that unpacks to much",
    script: `${commit} truncate -s 300M sparse.bin`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "replaced commits, grafts and a shallow file",
    script: `${commit} git replace -f HEAD HEAD~1; git rev-parse HEAD > .git/info/grafts 2>/dev/null || { mkdir -p .git/info; git rev-parse HEAD > .git/info/grafts; }; git rev-parse HEAD > .git/shallow; echo changed >> a.txt`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "a spoilt configuration, index and HEAD",
    script: `${commit} echo '[core' > .git/config; echo x > .git/index; echo 'ref: refs/heads/../../x' > .git/HEAD; echo changed >> a.txt`,
    arrives: ["heads/main", "uncommitted"],
  },
  {
    name: "no .git at all any more",
    script: `echo changed >> a.txt; rm -rf .git`,
    arrives: ["uncommitted"],
  },
  {
    name: "a transcript with links, pipes and names that lead out",
    script: `${commit} cd ~/.claude/projects; mkdir -p x; ln -s /etc/passwd x/link.jsonl; mkfifo x/pipe; echo 1 > x/.hidden; echo 1 > "$(printf 'x/a\\nb')"; echo 1 > "$(printf 'x/\\033[31m')"; ln -s / root; echo 1 > x/plain.jsonl; ln x/plain.jsonl x/hard.jsonl; truncate -s 300M x/huge.jsonl; touch -d 2000-01-01 x/huge.jsonl`,
    arrives: ["heads/main"],
  },
];
