/** Asks pipelock itself whether it runs what it must: an empty or lost configuration would be valid and let everything through. */
import { get } from "node:http";
import { GateFailure } from "./failure.ts";

const timeLimitMs = 15_000;
const pauseMs = 25;

/** Polls `/health` until pipelock answers; returns its version. Throws a `GateFailure` with what it said if that is not strict forwarding. */
export async function awaitPipelock(port: number): Promise<string> {
  const giveUpAt = performance.now() + timeLimitMs;
  for (;;) {
    const health = await readHealth(port).catch(() => undefined);
    if (health) return checkHealth(health);
    if (performance.now() > giveUpAt)
      throw new GateFailure(`pipelock does not answer after ${timeLimitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Asks once. Rejects with a `GateFailure` for a wrong answer, and with the connection's error for none (`timed out` if it hangs). */
export async function askPipelock(port: number): Promise<string> {
  return checkHealth(await readHealth(port));
}

function checkHealth(text: string): string {
  let health: Record<string, unknown>;
  try {
    health = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new GateFailure("pipelock's port answers, but not as pipelock does");
  }
  const told = (name: string) => String(JSON.stringify(health[name])).slice(0, 80);
  if (health["status"] !== "healthy") throw new GateFailure(`pipelock says it is ${told("status")}`);
  if (health["mode"] !== "strict")
    throw new GateFailure(`pipelock runs in mode ${told("mode")} instead of "strict"`);
  if (health["forward_proxy_enabled"] !== true)
    throw new GateFailure("pipelock runs without its forward proxy");
  if (health["kill_switch_active"] === true) throw new GateFailure("pipelock's kill switch is on");
  return String(health["version"]);
}

function readHealth(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: "127.0.0.1", port, path: "/health", agent: false, timeout: 2_000 },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > 64 * 1024) request.destroy(new Error("too long"));
        });
        response.on("error", reject);
        response.on("end", () => resolve(text));
      },
    );
    request.on("timeout", () => request.destroy(new Error("timed out")));
    request.on("error", reject);
  });
}
