import { expect, spyOn, test } from "bun:test";
import { makeForms } from "../../../../src/sidecar/gate/bound-forms.ts";
import type { Form, FormGroup, Forms } from "../../../../src/sidecar/gate/bound-forms.ts";
import { searchPiece } from "../../../../src/sidecar/gate/bound-search.ts";

const value = "tok-9f8e/7d6c5b4a+Zz";
const encoded = Buffer.from(value).toString("base64");

/** How much is done for a text: characters of the secret that are looked at, and steps of the hash. */
function countWork(text: string) {
  let looks = 0;
  const watch = (form: Form): Form => {
    const values = new Proxy(form.values, {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) looks += 1;
        return Reflect.get(target, key, target) as unknown;
      },
    });
    return { ...form, values };
  };
  const watchAll = (groups: readonly FormGroup[]) =>
    groups.map((group) => ({ ...group, forms: group.forms.map(watch) }));
  const forms = makeForms([{ value, placeholder: "p" }]);
  const watched: Forms = {
    ...forms,
    plain: watchAll(forms.plain),
    base64: watchAll(forms.base64),
    hex: watchAll(forms.hex),
  };
  const bytes = Uint8Array.from(Buffer.from(text));
  let found = 0;
  const multiply = spyOn(Math, "imul");
  searchPiece(bytes, 0, bytes.length, watched, () => (found += 1));
  const steps = multiply.mock.calls.length;
  multiply.mockRestore();
  return { looks, steps, found };
}

test("no more is done for a text that holds a part of the secret than for any other, and nothing of the secret is looked at", () => {
  const texts = [
    ...Array.from({ length: value.length }, (_, length) => value.slice(0, length)),
    ...Array.from({ length: value.length }, (_, from) => value.slice(from + 1)),
    `${value.slice(0, 9)}~${value.slice(10)}`,
  ];
  // Of the same kinds of characters, since those decide what is looked for where
  const mask = (text: string) => text.replaceAll(/[a-f]/g, "d").replaceAll(/[0-9]/g, "1");
  for (const text of texts) {
    const work = countWork(`"${text.repeat(5)}" "${Buffer.from(text).toString("base64")}"`);
    expect(work).toEqual({ looks: 0, steps: work.steps, found: 0 });
    expect(countWork(`"${mask(text).repeat(5)}"`).steps).toBe(countWork(`"${text.repeat(5)}"`).steps);
  }
  for (let length = 1; length < encoded.length - 4; length += 1)
    expect(countWork(encoded.slice(0, length))).toMatchObject({ looks: 0, found: 0 });
});

test("the control: where the whole of it stands every character is looked at", () => {
  expect(countWork(`"${value}"`)).toMatchObject({ looks: value.length, found: 1 });
  expect(countWork(encoded).found).toBe(1);
  expect(countWork(Buffer.from(value).toString("hex"))).toMatchObject({ looks: 2 * value.length, found: 1 });
});

test("what is held back, and what is left out of the search, follow from the length alone", () => {
  const measure = (text: string) => {
    const { reach, shortest } = makeForms([{ value: text, placeholder: "p" }]);
    return { reach, shortest };
  };
  for (const other of ["aaaaaaaaaaaaaaaaaaaa", "////++++%%%%&&&&\\\\\\\\", "%41%42%43%44%45%46%4"])
    expect(measure(other)).toEqual(measure(value));
});
