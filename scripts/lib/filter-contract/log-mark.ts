/** Which lines of the log belong to an exchange: those before the line of a request that is made to mark the end. */
import { parse } from "./normalise.ts";
import type { RunningProgram } from "./program.ts";
import { dial } from "./wire.ts";

/** Lines that come after the client has gone have this long to come */
const lateMs = 150;
const reloadMs = 700;
let marks = 0;

/** The lines since `from`. Waits for the end of tunnels, and, where TLS was opened, for what is told of its end. */
export async function markLog(
  running: RunningProgram,
  from: number,
  isOpened: boolean,
): Promise<readonly string[]> {
  marks += 1;
  const target = `10.200.${marks >> 8}.${marks & 255}:1`;
  if (isOpened) await Promise.race([running.stdout.wait(isEndOfTls, from), Bun.sleep(lateMs * 20)]);
  await endTunnels(running, from);
  const wire = await dial(running.port);
  wire.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  const isMark = (line: string) => line.includes(`"${target}"`);
  const isLogged = await Promise.race([running.stdout.wait(isMark, from), Bun.sleep(lateMs * 3)]);
  wire.stream.destroy();
  const lines = running.stdout.all().slice(from);
  const end = isLogged === undefined ? lines.length : lines.findIndex(isMark);
  // Marks from before tell nothing
  return lines.slice(0, end).filter((line) => !line.includes('"10.200.'));
}

/** The last line about a tunnel with TLS inside. */
function isEndOfTls(line: string): boolean {
  return ['"method":"close"', "tunnel_close", "sni_mismatch", "client TLS handshake", "tunnel dial"].some(
    (one) => line.includes(one),
  );
}

async function endTunnels(running: RunningProgram, from: number): Promise<void> {
  await Bun.sleep(1);
  for (const line of running.stdout.all().slice(from)) {
    const { event, request_id: id } = parse(line) ?? {};
    if (event === "tunnel_open")
      await running.stdout.wait(
        (one) => one.includes("tunnel_close") && one.includes(`"${String(id)}"`),
        from,
      );
  }
}

/** Waits for whatever a written file leads to. */
export async function awaitLog(running: RunningProgram, events: number, complaints: number): Promise<void> {
  await Promise.race([
    running.stdout.wait(() => true, events),
    running.stderr.wait((line) => line.includes("reload failed"), complaints),
  ]);
  await Bun.sleep(reloadMs);
}
