/**
 * The legs of connections behind pipelock while there is an upstream proxy. For each host that is being opened the gate listens on an
 * address of its own loopback and has pipelock told that address (`own-names.ts`). So pipelock decides as ever on the host, looks through what
 * it looks through, and counts; and what it dials is the gate, which goes on through the proxy.
 */
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { ownNetwork } from "../../core/own-network.ts";
import { Refusal } from "./refusal.ts";
import { runTunnel } from "./tunnel.ts";
import type { Target, WayOut } from "./way-out.ts";

/** Neither the network's first address nor its last is given to a host */
const lastIndex = 0xff_fe;
/** pipelock has connected by then; the event of it may come after its answer */
const acceptTimeoutMs = 5_000;

interface Leg {
  /** Rejects with a `Refusal` if the proxy does not lead there */
  readonly opened: Promise<void>;
}

interface Host {
  readonly address: string;
  readonly ports: Map<number, Listener>;
}

interface Listener {
  readonly server: Server;
  users: number;
  readonly legs: Leg[];
  readonly waiting: ((leg: Leg) => void)[];
}

export interface Lease {
  /** Resolves when the leg that belongs to this opening leads to the host. Rejects with a `Refusal` if it does not. */
  readonly opened: () => Promise<void>;
  readonly giveBack: () => void;
}

export interface OuterLegs {
  /** The address of a host that is in use, for pipelock */
  readonly find: (host: string) => string | undefined;
  readonly lend: (target: Target) => Promise<Lease>;
}

/** `wayOut` is where a leg goes on. */
export function makeOuterLegs(wayOut: WayOut): OuterLegs {
  const hosts = new Map<string, Host>();
  let last = 0;
  const nextAddress = (): string => {
    const used = new Set([...hosts.values()].map((one) => one.address));
    do last = (last % lastIndex) + 1;
    while (used.has(addressAt(last)));
    return addressAt(last);
  };
  return {
    find: (host) => hosts.get(host)?.address,
    async lend(target) {
      const host = hosts.get(target.host) ?? { address: nextAddress(), ports: new Map<number, Listener>() };
      hosts.set(target.host, host);
      const found = host.ports.get(target.port);
      const listener = found ?? makeListener(target, wayOut);
      host.ports.set(target.port, listener);
      listener.users += 1;
      const giveBack = once(() => {
        listener.users -= 1;
        if (listener.users > 0) return;
        listener.server.close();
        host.ports.delete(target.port);
        if (host.ports.size === 0) hosts.delete(target.host);
      });
      try {
        await listening(listener.server, target.port, host.address);
      } catch {
        giveBack();
        throw new Refusal("unreachable", "the sidecar cannot open its side of the connection", 502);
      }
      return { opened: () => takeLeg(listener), giveBack };
    },
  };
}

function addressAt(index: number): string {
  return `${ownNetwork.prefix}.${index >> 8}.${index & 255}`;
}

function makeListener(target: Target, wayOut: WayOut): Listener {
  const legs: Leg[] = [];
  const waiting: ((leg: Leg) => void)[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    socket.on("error", () => undefined);
    const leg = { opened: openLeg(socket, target, wayOut) };
    // Where nobody waits for it, the closed connection says all
    leg.opened.catch(() => undefined);
    const next = waiting.shift();
    if (next) next(leg);
    else legs.push(leg);
  });
  return { server, users: 0, legs, waiting };
}

async function openLeg(socket: Socket, target: Target, wayOut: WayOut): Promise<void> {
  try {
    const upstream = await wayOut(target);
    if (socket.destroyed) upstream.socket.destroy();
    else void runTunnel(socket, upstream, Buffer.alloc(0));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Whose leg it is makes no difference: all of one listener lead to the same place. */
async function takeLeg({ legs, waiting }: Listener): Promise<void> {
  const leg = legs.shift() ?? (await awaitLeg(waiting));
  return leg.opened;
}

function awaitLeg(waiting: Listener["waiting"]): Promise<Leg> {
  return new Promise((resolve, reject) => {
    const take = (leg: Leg) => {
      clearTimeout(timer);
      resolve(leg);
    };
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(take), 1);
      reject(new Refusal("filter", "pipelock said yes and did not connect", 502));
    }, acceptTimeoutMs);
    waiting.push(take);
  });
}

function listening(server: Server, port: number, address: string): Promise<void> {
  if (server.listening) return Promise.resolve();
  return new Promise((resolve, reject) => {
    server.once("error", reject).once("listening", resolve);
    // Twice for two openings at once: the second waits for what the first began
    if (server.listenerCount("listening") === 1) server.listen(port, address);
  });
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
