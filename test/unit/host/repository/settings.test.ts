import { describe, expect, test } from "bun:test";
import { renderUserSettings, stripCredentials } from "../../../../src/host/repository/settings.ts";

describe("stripCredentials()", () => {
  test.each([
    ["https://git.example/x.git", "https://git.example/x.git"],
    ["https://s3cret@git.example/x.git", "https://git.example/x.git"],
    ["https://user:s3cret@git.example:8443/x.git", "https://git.example:8443/x.git"],
    ["https://user:s3@cret@git.example/x.git", "https://git.example/x.git"],
    ["https://git.example/x.git?token=s3cret#s3cret", "https://git.example/x.git"],
    ["ssh://git@git.example:30009/x.git", "ssh://git@git.example:30009/x.git"],
    ["ssh://git:s3cret@git.example/x.git", "ssh://git@git.example/x.git"],
    ["git@git.example:x/y.git", "git@git.example:x/y.git"],
    ["git://s3cret@git.example/x.git", "git://git.example/x.git"],
    ["git:s3cret@git.example:x.git", undefined],
    ["https://user:s3/cret@git.example/x.git", undefined],
    ["HTTPS://user:s3cret@git.example/x.git", undefined],
    ["ext::sh -c touch% /tmp/x", undefined],
    ["/home/u/x", undefined],
    ["file:///home/u/x", undefined],
    ["../x", undefined],
    ["", undefined],
  ])("makes %s %p", (remote, url) => {
    expect(stripCredentials(remote)).toBe(url);
  });
});

describe("renderUserSettings()", () => {
  test("has who the user is and the first branch's name, the last of each, and nothing else", () => {
    const settings = [
      ["user.name", "Before"],
      ["user.name", 'A "B" \u00e4'],
      ["user.email", "a@example.invalid"],
      ["user.signingkey", "ABC"],
      ["core.sshcommand", "ssh -i key"],
      ["init.defaultbranch", "trunk"],
    ] as const;
    expect(renderUserSettings(settings)).toBe(
      '[user]\n\tname = "A \\"B\\" \u00e4"\n\temail = a@example.invalid\n[init]\n\tdefaultbranch = trunk\n',
    );
    expect(renderUserSettings([])).toBe("");
  });
});
