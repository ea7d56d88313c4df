import { describe, expect, test } from "bun:test";
import { aBottle, aManifest, problemsOf } from "../../support/manifests.ts";

const ofBottle = (files: unknown) => problemsOf({ bottles: { b: { files } } });
const at = (target: string) =>
  `bottles.b.files${/^[\w$]+$/.test(target) ? `.${target}` : `[${JSON.stringify(target)}]`}`;

describe("the files that a bottle names", () => {
  test("are a place in the bottle and one on this machine, each with its place in the manifest", () => {
    const { files } = aBottle({
      files: { "~/.inputrc": "~/dotfiles/inputrc", "~/.config/tool/": "~/.config/tool/" },
    });
    expect(files).toEqual([
      {
        target: "~/.inputrc",
        from: "~/dotfiles/inputrc",
        source: expect.objectContaining({ line: 1, column: 29 }),
      },
      { target: "~/.config/tool/", from: "~/.config/tool/", source: expect.objectContaining({ line: 1 }) },
    ]);
    expect(aBottle().files).toBeUndefined();
  });

  test("are added to those of what the bottle extends, the own one in place of that for the same place", () => {
    const { bottles } = aManifest({
      bottles: {
        base: { files: { "~/.a": "~/.a", "~/.b": "~/.b" } },
        dev: { extends: "base", files: { "~/.b": "~/other", "~/.c": "~/.c" } },
      },
    });
    const files = bottles.get("dev")?.files?.map(({ target, from }) => `${target} ${from}`);
    expect(files).toEqual(["~/.a ~/.a", "~/.b ~/other", "~/.c ~/.c"]);
  });

  test.each([
    ["", '"" must begin with "~/"'],
    ["/etc/passwd", '"/etc/passwd" must begin with "~/"'],
    ["~", '"~" must begin with "~/"'],
    ["~root/x", '"~root/x" must begin with "~/"'],
    ["~/", "names the whole home folder; name the files one by one"],
    ["~/../x", '"~/../x" has the part ".."; leave it out'],
    ["~/a/./b", '"~/a/./b" has the part "."; leave it out'],
    ["~/a//b", '"~/a//b" has no name between two slashes'],
    ["~//", '"~//" has no name between two slashes'],
    ["~/a\nb", "holds a control character"],
    ["~/a\u001b[2Jb", "holds a control character"],
    ["~/a\ud800", "holds half a character, which no file name can hold"],
    [`~/${"a".repeat(1_000)}`, "is longer than 1000 characters"],
    ["~/x/.GIT/config", '"~/x/.GIT/config" names a .git folder, whose settings may hold credentials'],
  ])("have no path like %j on either side", (path, problem) => {
    const folder = path.endsWith("/") ? "/" : "";
    expect(ofBottle({ [`~/ok${folder}`]: path })).toEqual([`${at(`~/ok${folder}`)} ${problem}`]);
    expect(ofBottle({ [path]: `~/ok${folder}` }).map((one) => one.slice(one.indexOf("] ") + 2))).toEqual([
      problem,
    ]);
  });

  const git = "the bottle writes git's settings: your name and your ignore lists are in them already";
  test.each([
    ["~/.ssh/config", 'cannot be put there: the bottle writes it from the identities under "ssh"'],
    ["~/.ssh/", 'cannot be put there: the bottle writes it from the identities under "ssh"'],
    [
      "~/.claude/CLAUDE.md",
      'cannot be put there: it is Claude\'s own: write "skills", "claude" and "settings" of the agent',
    ],
    ["~/.claude.json", 'cannot be put there: it is Claude\'s own: write "settings" and "mcp" of the agent'],
    ["~/.claude-bottle/x", "cannot be put there: the bottle keeps its own files there"],
    ["~/.gitconfig", `cannot be put there: ${git}`],
    ["~/.config/git/config", `cannot be put there: ${git}`],
    ["~/.config/", 'holds "~/.config/git", which is reserved; name what is in it one by one'],
    ["~/workspace/x", "cannot be put there: the agent's folder is there"],
  ])("cannot stand at %s in the bottle", (target, problem) => {
    const from = target.endsWith("/") ? "~/ok/" : "~/ok";
    expect(ofBottle({ [target]: from })).toEqual([`${at(target)} ${JSON.stringify(target)} ${problem}`]);
  });

  test.each([
    ["~/.ssh/id_ed25519", 'list the identity under "ssh"'],
    ["~/.SSH/id", 'list the identity under "ssh"'],
    ["~/.ssh/", 'list the identity under "ssh"'],
    ["~/.gnupg/", "sign commits on this machine"],
    ["~/.aws/credentials", 'give keys that are short-lived under "env"'],
    ["~/.netrc", "bind the secret to its hosts"],
    ["~/.git-credentials", "bind the secret to its hosts"],
    ["~/.config/git/credentials", "bind the secret to its hosts"],
    ["~/.docker/config.json", "bind the secret to its hosts"],
    ["~/.config/gh/hosts.yml", "bind the secret to its hosts"],
    ["~/.kube/config", "bind the secret to its hosts"],
    ["~/.kube/", "bind the secret to its hosts"],
    ["~/.claude/.credentials.json", '"skills", "claude", "settings" and "mcp" of the agent'],
    ["~/.claude/", '"skills", "claude", "settings" and "mcp" of the agent'],
    ["~/.claude.json", '"skills", "claude", "settings" and "mcp" of the agent'],
    ["~/.codex/auth.json", "it holds the login of another agent"],
    ["~/.password-store/", "it holds passwords or logins"],
    ["~/.local/state/claude-bottle/", "it is claude-bottle's own"],
    ["~/.bash_history", "it holds what was typed"],
  ])("cannot be %s of this machine", (from, way) => {
    const [problem, ...more] = ofBottle({ [from.endsWith("/") ? "~/ok/" : "~/ok"]: from });
    expect(problem).toContain(` ${JSON.stringify(from)} holds credentials, and is not copied: ${way}`);
    expect(more).toEqual([]);
  });

  test("may be what only looks like those", () => {
    const names = [
      "~/.sshrc",
      "~/.claudette",
      "~/.gitconfig-work",
      "~/.config/git-town",
      "~/.aws/config",
      "~/x/.ssh-notes",
    ];
    const { files } = aBottle({ files: Object.fromEntries(names.map((name) => [name, name])) });
    expect(files).toHaveLength(names.length);
  });

  test("are files on both sides or folders on both, and no place is in another one", () => {
    expect(ofBottle({ "~/a/": "~/a" })).toEqual([
      `${at("~/a/")} is a folder on one side only: end both "~/a/" and "~/a" with "/", or neither`,
    ]);
    expect(ofBottle({ "~/a": "~/a/" })).toHaveLength(1);
    expect(ofBottle({ "~/a/": "~/a/", "~/a/b": "~/b" })).toEqual([
      `${at("~/a/b")} "~/a/b" is in the place of another entry, "~/a/"`,
    ]);
    expect(ofBottle({ "~/a": "~/a", "~/a/b": "~/b" })).toHaveLength(1);
    const base = { files: { "~/a/": "~/a/" } };
    expect(problemsOf({ bottles: { base, b: { extends: "base", files: { "~/a/b": "~/b" } } } })).toEqual([
      `${at("~/a/b")} "~/a/b" is in the place of another entry, "~/a/"`,
    ]);
  });

  test("are no more than a hundred, and an object of texts", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, one) => [`~/${one}`, "~/x"]));
    expect(aBottle({ files: many(100) }).files).toHaveLength(100);
    expect(ofBottle(many(101))).toEqual(["bottles.b.files has more than 100 entries"]);
    expect(ofBottle(["~/x"])).toEqual(["bottles.b.files must be an object, not a list"]);
    expect(ofBottle({ "~/x": true })).toEqual([`${at("~/x")} must be a string, not true`]);
  });
});
