import { describe, expect, test } from "bun:test";
import { renderAllowed } from "../../../../src/cli/render/policy-outcome.ts";

const outcome = {
  bottle: "hello-k3f9q2",
  manifestBottle: "b",
  pairs: ["nas.lan:443"],
  until: undefined,
  notes: [],
};

describe("renderAllowed()", () => {
  test.each([
    [["8.8.8.8"], false],
    [[], false],
    [undefined, false],
    [["192.168.1.7"], true],
  ])("says that a name may be reached which leads to %j, private: %p", (addresses, isPrivate) => {
    const text = renderAllowed(outcome, { host: "nas.lan", isPrivate, addresses });
    expect(text).toBe("nas.lan:443 may be reached by hello-k3f9q2; the sidecar has confirmed it.\n");
  });

  test("says what blocks a name that leads to a private address, and what opens it", () => {
    const text = renderAllowed(outcome, { host: "nas.lan", isPrivate: false, addresses: ["192.168.1.7"] });
    expect(text).not.toContain("may be reached");
    expect(text).toContain("But it leads to 192.168.1.7 here, which the filter blocks");
    expect(text).toEndWith('Open it with "claude-bottle allow hello-k3f9q2 nas.lan --private".\n');
  });

  test("offers nothing for a name that leads to the machine itself", () => {
    const text = renderAllowed(outcome, { host: "nas.lan", isPrivate: true, addresses: ["127.0.0.1"] });
    expect(text).toContain("But it leads to 127.0.0.1 here");
    expect(text).not.toContain("--private");
  });
});
