import { expect, test } from "bun:test";
import { makeRulesFuzzer } from "../../../../scripts/lib/fuzz/http-rules.ts";
import { Picker } from "../../../../scripts/lib/fuzz/picker.ts";

test.skipIf(!Bun.which("node"))(
  "the control: the comparison with a real server finds what a decision by the beginning of the raw path lets out",
  async () => {
    const naive = makeRulesFuzzer((_rule, target) => (target.startsWith("/a/") ? target : undefined));
    const problems: string[] = [];
    for (let seed = 1; seed <= 150; seed += 1) {
      const problem = await naive.try(new Picker(seed));
      if (problem !== undefined) problems.push(problem);
    }
    expect(problems.length).toBeGreaterThan(5);
    expect(problems[0]).toContain("Node takes it");
  },
);
