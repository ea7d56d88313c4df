/** One request of a corpus. */
export interface Sample {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface SampleParts {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly type?: string;
}

/** A request with what every client sends. */
export function sample(name: string, parts: SampleParts): Sample {
  const { body = "", type, path = "/", headers = {} } = parts;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return {
    name,
    method: parts.method ?? (bytes.length > 0 ? "POST" : "GET"),
    path,
    headers: [
      ["Host", "api.example.test"],
      ["User-Agent", "curl/8.5.0"],
      ["Accept", "*/*"],
      ...(type === undefined ? [] : [["Content-Type", type] as const]),
      ...Object.entries(headers),
      ...(bytes.length > 0 ? [["Content-Length", String(bytes.length)] as const] : []),
    ],
    body: bytes,
  };
}

export const json = "application/json";
export const form = "application/x-www-form-urlencoded";

/** `multipart/form-data` of some parts. */
export function multipart(parts: readonly (readonly [head: string, body: Buffer | string])[]): {
  readonly type: string;
  readonly body: Buffer;
} {
  const boundary = "----formboundary7MA4YWxkTrZu0gW";
  const rendered = parts.flatMap(([head, body]) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
    Buffer.from(body as string),
    Buffer.from("\r\n"),
  ]);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...rendered, Buffer.from(`--${boundary}--\r\n`)]),
  };
}
