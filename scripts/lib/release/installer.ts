/** The installer of a release knows where the release is, so that nobody has to tell it. */

const place = "default_from=''";

/** The script with the release's address written in; without one it is left as it is, and asks for it. */
export function nameOrigin(script: string, url: string | undefined): string {
  if (script.split(place).length !== 2)
    throw new Error(`Cannot write the address into install.sh: no ${place}`);
  if (url === undefined) return script;
  // It stands in a shell script between quotes
  if (!/^https:\/\/[A-Za-z0-9._~:/%+-]+$/.test(url))
    throw new Error(`Cannot write "${url}" into install.sh: it is no plain https address`);
  return script.replace(place, `default_from='${url}'`);
}
