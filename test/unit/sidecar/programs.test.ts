/** Each program as it gets into a container: over stdin, to a Node that has no file of ours. */
import { describe, expect, test } from "bun:test";
import {
  gateCommand,
  programCommand,
  renderCanaryInput,
  renderCollectInput,
  renderCopyInput,
  renderGateInput,
  renderProbeInput,
} from "../../../src/sidecar/programs.ts";
import { aFolder } from "../../support/temporary.ts";

// Needs: node

/** With the input in pieces of a size, and nothing behind it unless it stays open. */
function run(input: Uint8Array, size = input.length, staysOpen = false, command = programCommand) {
  const child = Bun.spawn([...command], {
    cwd: "/",
    env: { PATH: process.env["PATH"] },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  const written = (async () => {
    for (let at = 0; at < input.length; at += size) {
      child.stdin.write(input.subarray(at, at + size));
      await child.stdin.flush();
      if (size < input.length) await Bun.sleep(1);
    }
    if (!staysOpen) await child.stdin.end();
  })();
  // A program that has ended takes no more
  written.catch(() => undefined);
  return child;
}

async function firstLine(child: ReturnType<typeof run>): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of child.stdout) {
    text += Buffer.from(chunk).toString();
    if (text.includes("\n")) break;
  }
  return JSON.parse(text.split("\n")[0] ?? "") as Record<string, unknown>;
}

const none = { task: "read", kind: "read", name: "nothing", path: "/none" } as const;

describe.skipIf(Bun.which("node") === null)("over stdin", () => {
  test("the canary listens", async () => {
    const child = run(renderCanaryInput({ port: 0 }), undefined, true);
    expect(await firstLine(child)).toMatchObject({ event: "listening", dns: false });
    child.kill();
  });

  test.each([7_000, 100_000, Number.POSITIVE_INFINITY])(
    "the probe answers, with what it is told in pieces of %d bytes",
    async (size) => {
      const input = renderProbeInput([none]);
      const child = run(input, Math.min(size, input.length), true);
      expect(await firstLine(child)).toEqual({ event: "answer", name: "nothing", outcome: "ENOENT" });
      expect(await child.exited).toBe(0);
    },
  );

  test("the copier reads what stands behind its request", async () => {
    const folder = await aFolder();
    const request = renderCopyInput({ task: "receive", path: folder, source: undefined });
    const child = run(Buffer.concat([request, Buffer.from("no tar".padEnd(1_024))]));
    const lines = (await new Response(child.stdout).text()).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(["ready", "failed"]);
  });

  test("the collector says where its end is", async () => {
    const child = run(
      renderCollectInput({
        task: "bring-back",
        title: "",
        workspace: null,
        before: null,
        wentIn: null,
        began: null,
        saved: null,
        hasSaved: true,
        transcripts: null,
        bring: [],
        mayUnlock: false,
        repositories: [],
        hasHistory: false,
        limits: {
          bundleBytes: 1,
          patchBytes: 1,
          transcriptBytes: 1,
          broughtBytes: 1,
          totalBytes: 1_000,
          commandMs: 60_000,
        },
      }),
    );
    expect(await firstLine(child)).toMatchObject({ section: "end" });
    expect(await child.exited).toBe(0);
  });

  test("the gate takes its configuration, and says what is wrong with it", async () => {
    const child = run(renderGateInput([{ type: "configure" } as never]), undefined, true);
    expect(await firstLine(child)).toMatchObject({ event: expect.stringMatching(/^(?:fatal|rejected)$/) });
    child.kill();
  });

  test.each([
    ["nothing", () => Buffer.alloc(0)],
    ["half of a program", () => Buffer.from(renderProbeInput([none]).subarray(0, 500))],
    ["a length alone", () => Buffer.from("12\n")],
  ])("with %s it ends and runs nothing", async (_name, input) => {
    const child = run(input());
    expect([await child.exited, await new Response(child.stdout).text()]).toEqual([1, ""]);
  });
});

describe("the command of a gate", () => {
  const told = { type: "configure", destinations: [], filter: "builtin", sshKeys: [] } as const;

  test("asks for little memory, and is one that Node takes", async () => {
    const ports = { proxy: 0, api: 0, sshAgent: 0, pipelock: 0, ask: 0 };
    const child = run(renderGateInput([{ ...told, ports }]), undefined, true, gateCommand({}));
    expect(await firstLine(child)).toMatchObject({ event: "ready" });
    child.kill();
    expect(gateCommand({})).toContain("--optimize-for-size");
  });

  test("is that of every program where it searches what is sent", () => {
    expect(gateCommand({ inspect: { caDirectory: "/ca" } })).toEqual(programCommand);
  });
});
