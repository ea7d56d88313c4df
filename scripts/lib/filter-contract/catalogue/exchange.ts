/**
 * What the catalogue is written in. `{web}`, `{secure}`, `{echo}` and `{closed}` in texts are the ports of the servers behind the
 * filter, `{key}` is a credential in the form of a cloud key, and `{zeros N}` are N bytes.
 */

export interface Exchange {
  readonly name: string;
  /** Begins with a CONNECT for this authority; the rest goes through its tunnel */
  readonly connect?: string;
  readonly connectHeaders?: readonly string[];
  /** TLS inside of the tunnel, with this server name; empty for none */
  readonly tls?: string;
  /** Whether the connection inside of TLS stays open after the answer; elsewhere it is always looked at, since that takes no time */
  readonly watchesEnd?: boolean;
  /** What is sent: lines of a head and a body, or bytes for the echo server */
  readonly send?: string;
}

export interface Group {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly exchanges: readonly Exchange[];
}

/** A request of its lines. */
export function request(line: string, headers: readonly string[] = [], body = ""): string {
  return [`${line} HTTP/1.1`, ...headers, "", body].join("\r\n");
}

/** A GET by absolute URI, as clients send it to a proxy; the connection is left open. */
export function get(name: string, url: string, ...headers: readonly string[]): Exchange {
  return { name, send: request(`GET ${url}`, [`Host: ${hostOf(url)}`, ...headers]) };
}

/** A POST with a body of announced length. */
export function post(name: string, url: string, body: string, ...headers: readonly string[]): Exchange {
  const length = `Content-Length: ${bodyLength(body)}`;
  return { name, send: request(`POST ${url}`, [`Host: ${hostOf(url)}`, length, ...headers], body) };
}

/** A CONNECT and nothing behind it. */
export function connect(name: string, authority: string, ...connectHeaders: readonly string[]): Exchange {
  return { name, connect: authority, connectHeaders };
}

/** A request inside of opened TLS, for the host of the tunnel. */
export function inside(name: string, line: string, headers: readonly string[] = [], body = ""): Exchange {
  const length = body === "" ? [] : [`Content-Length: ${bodyLength(body)}`];
  return {
    name,
    connect: "localhost:{secure}",
    tls: "localhost",
    send: request(line, ["Host: localhost:{secure}", ...length, ...headers], body),
  };
}

/** In bytes, as it will be sent. */
function bodyLength(body: string): number {
  return fill(body, {}).length;
}

/** The text with its placeholders filled. */
export function fill(text: string, ports: Readonly<Record<string, number>>): string {
  return text
    .replaceAll("{key}", `AKIA${"IOSFODNN7EXAMPLE"}`)
    .replaceAll(/\{zeros (\d+)\}/g, (_, count: string) => "0".repeat(Number(count)))
    .replaceAll(/\{(web|secure|echo|closed)\}/g, (whole, name: string) => String(ports[name] ?? whole));
}

function hostOf(url: string): string {
  return /^[a-z]+:\/\/(?:[^@/]*@)?([^/?#]*)/i.exec(url)?.[1] ?? "x";
}
