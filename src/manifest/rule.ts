/** What is said of a value that is not as it should be. */

/** A text says all. What a value must be comes from `must`, and is followed by what the value is. */
export type Rule = string | ((issue: object) => string);

const wanted = new WeakSet<object>();

/** As a message of the schema; an issue that it was said of is known by it. */
export function must(rule: string): Rule {
  return (issue) => {
    wanted.add(issue);
    return `must ${rule}`;
  };
}

/** True for an issue whose message says what its value must be. */
export function saysWhatMust(issue: object): boolean {
  return wanted.has(issue);
}
