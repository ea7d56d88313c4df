import { expect, test } from "bun:test";
import { findSettings } from "../../../../src/host/repository/read-repository.ts";
import { anEnvironment, aRepository, putFiles } from "../../../support/temporary.ts";

test("settings are read with values of any form, and a key alone means yes", async () => {
  const folder = await aRepository();
  await putFiles(folder, { ".git/config": '[x]\n\talone\n\tempty =\n\tlines = "a\\nb"\n\tsame = a=b\n' });
  const settings = await findSettings(folder, await anEnvironment());
  expect(settings?.filter(([key]) => key.startsWith("x."))).toEqual([
    ["x.alone", "true"],
    ["x.empty", ""],
    ["x.lines", "a\nb"],
    ["x.same", "a=b"],
  ]);
});
