/** When files were changed: mostly long ago, so that the index is sure of them; else now, when it cannot be. */
import type { Maker } from "../picker.ts";

const all = (date: string) =>
  `find . -name .git -prune -o -type f -exec touch -d '${date}' {} + -o -type l -exec touch -h -d '${date}' {} +`;
const refresh = `git update-index -q --refresh`;

export const times: readonly Maker[] = [
  { title: "files of long ago", weight: 8, make: () => `${all("2024-02-01 12:00:00.5")}; ${refresh}` },
  { title: "files of now", weight: 3, make: () => ":" },
  {
    title: "files of now that are changed at once",
    weight: 2,
    make: () => `printf 'one\\n' > a.txt; git add a.txt; printf 'two\\n' > a.txt`,
  },
  { title: "times before 1970", make: () => `${all("1955-05-05 05:05:05")}; ${refresh}` },
  { title: "times after 2106", make: () => `${all("2200-01-01 00:00:00")}; ${refresh}` },
  { title: "the first second", make: () => `${all("1970-01-01 00:00:00")}; ${refresh}` },
];
