/** One object writes what is kept of a session. */
import { Glob } from "bun";
import { join } from "node:path";
import { expect, test } from "bun:test";

const root = join(import.meta.dir, "../../../..");
const writers = /\b(writeJournal|removeJournal|withSessionLock|keepScreen|writeReceipt|updateReceipt)\b/;
/** Where they are made, and the one place that uses them */
const owners = new Set(["src/host/journal.ts", "src/host/session-records.ts", "src/host/screen-file.ts"]);
const store = "src/session/store/stored-session.ts";

/** Imports of a writer; a method of the same name is none. */
function importsWriter(source: string): boolean {
  return [...source.matchAll(/import\s*\{([^}]*)\}/g)].some(([, names = ""]) => writers.test(names));
}

test("the journal's entry, the receipt, the lock and the screen are written through the store alone", async () => {
  const users: string[] = [];
  for await (const path of new Glob("src/**/*.{ts,tsx}").scan(root))
    if (importsWriter(await Bun.file(join(root, path)).text())) users.push(path);
  expect(users.filter((path) => !owners.has(path))).toEqual([store]);
});

test.each([
  ['import { findJournal, removeJournal } from "../../host/journal.ts";', true],
  ['import {\n  findReceipt,\n  updateReceipt,\n} from "./session-records.ts";', true],
  ['import { findReceipt } from "../../host/session-records.ts";\nstored.keepScreen(screen);', false],
])("what %j does is seen", (source, isSeen) => {
  expect(importsWriter(source)).toBe(isSeen);
});
