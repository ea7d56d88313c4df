import { describe, expect, test } from "bun:test";
import { nameKnownRefs } from "../../../src/host/known-refs.ts";
import { anEnvironment, aRepository, git } from "../../support/temporary.ts";

async function name(list: unknown, repository?: string) {
  const folder = repository ?? (await aRepository());
  const request = {
    repository: folder,
    session: "k3f9q2",
    list: JSON.stringify(list),
    env: await anEnvironment(),
  };
  return { folder, refs: await nameKnownRefs(request) };
}

describe("nameKnownRefs()", () => {
  test("names branches and tags whose commits are there, again at each call, and touches nothing else", async () => {
    const folder = await aRepository();
    const id = await git(folder, "rev-parse", "HEAD");
    const list = [
      ["refs/heads/side", id],
      ["refs/tags/v1", id],
      ["refs/heads/odd;name", id],
      ["refs/heads/unknown", "1".repeat(40)],
      ["HEAD", id],
      ["refs/heads/../../x", id],
    ];
    for (let call = 0; call < 2; call += 1) {
      const { refs } = await name(list, folder);
      expect(refs.map((ref) => [ref.ref, ref.renamedFrom]).toSorted()).toEqual([
        [`refs/bottles/k3f9q2/heads/renamed-${id.slice(0, 12)}`, "heads/odd;name"],
        [`refs/bottles/k3f9q2/heads/renamed-${id.slice(0, 12)}-2`, "heads/../../x"],
        ["refs/bottles/k3f9q2/heads/side", undefined],
        ["refs/bottles/k3f9q2/tags/v1", undefined],
      ]);
    }
    const all = await git(folder, "for-each-ref", "--format=%(refname)");
    expect(all.split("\n").filter((ref) => !ref.startsWith("refs/bottles/k3f9q2/"))).toEqual([
      "refs/heads/main",
    ]);
  });

  test.each([
    [{}],
    [[["refs/heads/x"]]],
    [[["refs/heads/x", "main"]]],
    [Array.from({ length: 4_001 }, () => ["a", "b"])],
  ])("refuses a list that is not as agreed", async (list) => {
    const error = await name(list).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("the wrong form");
  });
});
