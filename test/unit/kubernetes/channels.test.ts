import { describe, expect, test } from "bun:test";
import { makeChannelReader } from "../../../src/kubernetes/channels.ts";

function message(data: string, isFirst = true, isLast = true) {
  return { kind: "message", data: Buffer.from(data), isFirst, isLast } as const;
}

/** What the reader makes of an account of an end. */
function endOf(account: unknown) {
  const reader = makeChannelReader();
  reader.read(message(`\u0003${typeof account === "string" ? account : JSON.stringify(account)}`));
  return reader.end();
}

describe("makeChannelReader()", () => {
  test("tells the two outputs apart, also where a message comes in pieces", () => {
    const reader = makeChannelReader();
    const shown = [
      message("\u0001a"),
      message("\u0002b"),
      message("\u0001c", true, false),
      message("d", false, true),
    ].map((frame) => {
      const read = reader.read(frame);
      return read && `${read.stream} ${Buffer.from(read.data).toString()}`;
    });
    expect(shown).toEqual(["stdout a", "stderr b", "stdout c", "stdout d"]);
  });

  test("has nothing to give of empty messages, and of channels that it does not know", () => {
    const reader = makeChannelReader();
    for (const data of ["", "\u0001", "\u0002", "\u0007x"])
      expect(reader.read(message(data))).toBeUndefined();
  });

  test("knows the end only when its account is whole", () => {
    const reader = makeChannelReader();
    reader.read(message('\u0003{"status":', true, false));
    expect(reader.end()).toBeUndefined();
    reader.read(message('"Success"}', false, true));
    expect(reader.end()).toEqual({ kind: "exit", code: 0 });
  });

  test("reads an exit code", () => {
    const details = { causes: [{ reason: "ExitCode", message: "9" }] };
    expect(endOf({ status: "Failure", reason: "NonZeroExitCode", details })).toEqual({
      kind: "exit",
      code: 9,
    });
  });

  test.each([
    [{ status: "Failure", reason: "InternalError", message: "no such thing" }, "no such thing"],
    [{ status: "Failure", reason: "NonZeroExitCode", message: "odd", details: { causes: [] } }, "odd"],
    [
      {
        status: "Failure",
        reason: "NonZeroExitCode",
        message: "odd",
        details: { causes: [{ reason: "ExitCode", message: "-1" }] },
      },
      "odd",
    ],
    ["not JSON", "not JSON"],
  ])("takes anything else for a failure: %j", (account, words) => {
    expect(endOf(account)).toEqual({ kind: "failure", message: words });
  });
});
