/** Files that git stores otherwise than they lie there: by what git does itself, and by programs of the user's. */
import { executedMark, filteredEnding } from "../case.ts";
import { inInfo } from "../picker.ts";
import type { Maker } from "../picker.ts";

const again = (files: string) => `git commit -qm Attributes; rm -f ${files}; git checkout -q -- .`;

const mark = `touch "$R/../${executedMark}"`;

/** Content in capitals in the repository, in small letters in the work tree */
const upper = `.clean "${mark.replaceAll('"', "'")}; tr a-z A-Z"; git config filter.up.smudge 'tr A-Z a-z'`;

/** As Git LFS does it: the content is kept elsewhere, and a line stands for it */
const pointerPrograms = `mkdir -p "$HOME/bin" "$HOME/store"
printf '%s\\n' '#!/bin/sh' "touch '$R/../${executedMark}'" 'cat >"$HOME/store/new"; id=$(sha256sum <"$HOME/store/new" | cut -c1-64); cp "$HOME/store/new" "$HOME/store/$id"; echo "oid $id"' > "$HOME/bin/clean"
printf '%s\\n' '#!/bin/sh' 'read -r word id; cat "$HOME/store/$id"' > "$HOME/bin/smudge"
chmod +x "$HOME/bin/clean" "$HOME/bin/smudge"`;

export const attributes: readonly Maker[] = [
  {
    title: "text and eol attributes",
    weight: 2,
    make: (picker) =>
      `printf '*.txt %s\\n' ${picker.one(["'text eol=crlf'", "text=auto", "'text eol=lf'", "-text", "'text=auto eol=crlf'"])} > .gitattributes; git add -A .; ${again("*.txt")}`,
  },
  {
    title: "ident",
    make: (picker) => {
      picker.files.push("./ident.c");
      return `echo '*.c ident' > .gitattributes; printf '// $Id$\\nx\\n' > ident.c; git add .gitattributes ident.c; ${again("ident.c")}`;
    },
  },
  {
    title: "working-tree-encoding",
    make: (picker) => {
      picker.files.push("./wide.utf16");
      return `echo '*.utf16 text working-tree-encoding=UTF-16LE-BOM' > .gitattributes; printf 'wide\\n' | iconv -t UTF-16LE >wide.raw && { printf '\\377\\376'; cat wide.raw; } > wide.utf16; rm wide.raw; git add .gitattributes wide.utf16; ${again("wide.utf16")}`;
    },
  },
  {
    title: "a filter",
    weight: 2,
    make: (picker) =>
      `git config ${picker.one(["", "--global "])}filter.up${upper}; echo '*${filteredEnding} filter=up' > .gitattributes; echo big > 'x${filteredEnding}'; git add .gitattributes 'x${filteredEnding}'; ${again(`'x${filteredEnding}'`)}`,
  },
  {
    title: "a required filter that keeps pointers",
    weight: 2,
    make: (picker) => {
      const where = picker.one(["", "--global "]);
      return `${pointerPrograms}
git config ${where}filter.lfs.clean '"$HOME/bin/clean"'; git config ${where}filter.lfs.smudge '"$HOME/bin/smudge"'; git config ${where}filter.lfs.required true
echo '*${filteredEnding} filter=lfs -text' > .gitattributes; echo large > 'y${filteredEnding}'; git add .gitattributes 'y${filteredEnding}'; ${again(`'y${filteredEnding}'`)}`;
    },
  },
  {
    title: "pointers that were never smudged",
    make: () =>
      `echo '*${filteredEnding} filter=lfs -text' > .gitattributes; echo 'oid 1234' > 'p${filteredEnding}'; git add .gitattributes 'p${filteredEnding}'; git commit -qm Pointer`,
  },
  {
    title: "a filtered file that was changed",
    make: () => ({
      script: `git config filter.up${upper}; echo '*${filteredEnding} filter=up' > .gitattributes; echo big > 'z${filteredEnding}'; git add .gitattributes 'z${filteredEnding}'; ${again(`'z${filteredEnding}'`)}; echo changed > 'z${filteredEnding}'`,
      isForRestOnly: true,
    }),
  },
  {
    title: "attributes of the user",
    make: () =>
      `printf '*.txt text eol=crlf\\n' > "$R/home/attributes"; git config --global core.attributesFile "$R/home/attributes"; rm -f *.txt; git checkout -q -- .`,
  },
  {
    title: "attributes in info",
    make: () =>
      `${inInfo} printf '*.txt text eol=crlf\\n' > "$(git rev-parse --git-path info/attributes)"; rm -f *.txt; git checkout -q -- .`,
  },
];
