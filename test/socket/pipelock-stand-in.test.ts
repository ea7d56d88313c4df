/** The stand-in for pipelock, held against the record of the real program at every run. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareContracts } from "../../scripts/lib/filter-contract/compare.ts";
import { readContract } from "../../scripts/lib/filter-contract/files.ts";
import { recordContract } from "../../scripts/lib/filter-contract/record.ts";
import { patient } from "../support/patience.ts";
import { bundlePipelockStandIn } from "../support/pipelock/bundle.ts";

// Needs: openssl
setDefaultTimeout(patient(300_000));

/** Of configurations that the product never writes: the stand-in takes none of them, and this is all that it does otherwise */
const otherConfigurations = new Set([
  "tunnel without explanations",
  "tunnel, balanced",
  "tunnel, not enforced",
  "tunnel, forwarding off",
  "tunnel, three a minute",
  "tunnel, idle for three seconds",
  "tunnel, three seconds long",
  "tunnel, names not verified",
  "plain, answers by default",
  "plain without explanations",
  "plain, bodies only warned of",
  "opened, answers by default",
]);

describe("the stand-in", () => {
  test("says what the real program said, to everything that is recorded", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pipelock-stand-in-"));
    try {
      const program = join(folder, "program.cjs");
      await Bun.write(program, await bundlePipelockStandIn());
      const isWanted = (group: string) => !otherConfigurations.has(group);
      const said = await recordContract(["node", program], {}, isWanted);
      const record = await readContract("2.3.0");
      const exchanges = Object.fromEntries(
        Object.entries(record.exchanges).filter(([name]) => isWanted(name)),
      );
      const { matters, words } = compareContracts({ ...record, exchanges, image: {} }, said);
      expect([...matters, ...words]).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
