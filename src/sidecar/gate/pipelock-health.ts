/** Asks pipelock itself whether it runs what it must: an empty or lost configuration would be valid and let everything through. */
import { get } from "node:http";

const tries = 600;
const pauseMs = 25;

/** Polls `/health` until pipelock answers; returns its version. Throws with what it said if that is not strict forwarding. */
export async function awaitPipelock(port: number): Promise<string> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const health = await readHealth(port).catch(() => undefined);
    if (health) return checkHealth(health);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error(`pipelock does not answer after ${(tries * pauseMs) / 1000} s`);
}

function checkHealth(health: Record<string, unknown>): string {
  if (health["status"] !== "healthy") throw new Error(`pipelock says it is ${JSON.stringify(health["status"])}`);
  if (health["mode"] !== "strict") throw new Error(`pipelock runs in mode ${JSON.stringify(health["mode"])} instead of strict`);
  if (health["forward_proxy_enabled"] !== true) throw new Error("pipelock runs without its forward proxy");
  if (health["kill_switch_active"] === true) throw new Error("pipelock's kill switch is on");
  return String(health["version"]);
}

function readHealth(port: number): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path: "/health", agent: false, timeout: 2_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("error", reject);
      response.on("end", () => {
        try {
          resolve(JSON.parse(text) as Record<string, unknown>);
        } catch (error) {
          reject(error);
        }
      });
    });
    request.on("timeout", () => request.destroy(new Error("timed out")));
    request.on("error", reject);
  });
}
