/** A call to a cluster's API without the names in it, for timings that people paste into reports. */

/** Parts of the API's own paths, besides groups and versions */
const known: ReadonlySet<string> = new Set(
  "api apis namespaces pods exec attach log jobs networkpolicies events persistentvolumeclaims runtimeclasses selfsubjectaccessreviews resourcequotas version readyz".split(
    " ",
  ),
);
const version = /^v\d+(?:(?:alpha|beta)\d+)?$/;

/** `POST /api/v1/namespaces/…/pods` */
export function callForm(method: string, path: string): string {
  const [place = ""] = path.split("?");
  const parts = place.split("/").map((part, index, all) => {
    const isGroup = all[index - 1] === "apis";
    return index === 0 || known.has(part) || version.test(part) || isGroup ? part : "…";
  });
  return `${method} ${parts.join("/").replaceAll(/…(?:\/…)+/g, "…")}`;
}
