/** An engine call without the names in it. */

/** Words of the Engine API's own paths */
const known: ReadonlySet<string> = new Set(
  "_ping archive attach auth build commit connect containers create df disconnect distribution events exec export get images info json kill load logs networks prune push rename resize restart search session start stats stop system tag top update version volumes wait grpc".split(
    " ",
  ),
);

/** `POST /containers/…/start`: every part of the path that is not one of the API's own words is left out. */
export function callForm(method: string, path: string): string {
  const [place = ""] = path.split("?");
  const parts = place.split("/").map((part, index) => (index === 0 || known.has(part) ? part : "…"));
  return `${method} ${parts.join("/").replaceAll(/…(?:\/…)+/g, "…")}`;
}
