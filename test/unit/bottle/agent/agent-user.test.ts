import { chooseAgentUser } from "../../../../src/bottle/agent/choose-agent-user.ts";
import { describe, expect, test } from "bun:test";
import { renamePasswd } from "../../../../src/bottle/agent/rename-passwd.ts";
import { imageUser, parseUser, renderUser } from "../../../../src/bottle/platform/agent-user.ts";

const shared = { countsApart: false };
const agent = { uid: 65_600, gid: 1000 };

describe("chooseAgentUser()", () => {
  test("gives each session an id between those of the system and those of namespaces, always the same", () => {
    const sessions = Array.from({ length: 2_000 }, () => crypto.randomUUID().slice(0, 6));
    const ids = sessions.map((one) => chooseAgentUser(one, shared).uid);
    expect(Math.min(...ids)).toBeGreaterThanOrEqual(65_536);
    expect(Math.max(...ids)).toBeLessThan(100_000);
    // Some meet by chance, few of them
    expect(new Set(ids).size).toBeGreaterThan(1_900);
    expect(sessions.map((one) => chooseAgentUser(one, shared).uid)).toEqual(ids);
  });

  test("leaves the image's user where the kernel counts apart from the host", () => {
    expect(chooseAgentUser("k3f9q2", { countsApart: true })).toEqual(imageUser);
  });
});

describe("parseUser()", () => {
  test("reads what was written", () => {
    expect(parseUser(renderUser(agent))).toEqual(agent);
  });

  test.each([undefined, "", "0:0", "0:1000", "1000:0", "65600", "65600:1000:1", "-1:1000", "root", " 1:1"])(
    "takes %j for the image's user, and nothing for root",
    (label) => {
      expect(parseUser(label)).toEqual(imageUser);
    },
  );
});

describe("renamePasswd()", () => {
  const root = "root:x:0:0:root:/root:/bin/bash";
  test.each([
    [
      "the image's own user, and no other",
      `${root}\nlong:x:10000:1000::/:/bin/sh\nnode:x:1000:1000::/home/node:/bin/bash\nsame:x:1000:1::/:/bin/sh\n`,
      `${root}\nlong:x:10000:1000::/:/bin/sh\nnode:x:65600:1000::/home/node:/bin/bash\nsame:x:1000:1::/:/bin/sh\n`,
    ],
    [
      "a user of another name",
      `${root}\ndev:$1:1000:100:a:/home/dev:/bin/zsh`,
      `${root}\ndev:$1:65600:100:a:/home/dev:/bin/zsh`,
    ],
    ["nobody", `${root}\n`, `node:x:65600:1000::/home/node:/bin/sh\n${root}\n`],
    ["no list at all", undefined, "node:x:65600:1000::/home/node:/bin/sh\nroot:x:0:0:root:/root:/bin/sh\n"],
  ])("renames %s", (_, before, after) => {
    expect(renamePasswd(before, agent)).toBe(after);
  });
});
