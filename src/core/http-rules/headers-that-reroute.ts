/** Headers by which some servers take a request for another one than its first line says. */

const rerouting: ReadonlySet<string> = new Set([
  "forwarded",
  "x-forwarded-host",
  "x-forwarded-path",
  "x-forwarded-prefix",
  "x-forwarded-uri",
  "x-host",
  "x-http-host-override",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-host",
  "x-original-method",
  "x-original-uri",
  "x-original-url",
  "x-override-url",
  "x-rewrite-url",
  "x-script-name",
]);

/** The first name that is such a header. Programs behind CGI read `_` and `-` as one. */
export function findRerouting(names: readonly string[]): string | undefined {
  return names.map((name) => name.toLowerCase().replaceAll("_", "-")).find((name) => rerouting.has(name));
}
