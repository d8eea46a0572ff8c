import { assess, ABSENT, remember, type Memory } from "../../provider/drift";
import { hash } from "../../provider/canonical";
import type { Canonical, KindRules } from "../../provider/kinds/define";

/** A kind where every difference counts, but for `noise`. */
const rules: KindRules = {
  canonical: (document) => document,
  wire: (form) => form,
  relevant: (live) => Object.fromEntries(Object.entries(live).filter(([key]) => key !== "noise")),
  merge: (desired) => desired,
};

const form = (title: string, rest: Canonical = {}): Canonical => ({ uuid: "u", title, ...rest });
const applied = (title: string, seen?: string): Memory => ({ hash: hash(form(title)), applied: form(title), ...(seen === undefined ? {} : { seen }) });

describe("assess", () => {
  const cases: readonly [string, Parameters<typeof assess>[1], Partial<ReturnType<typeof assess>>][] = [
    ["nothing changed", { desired: form("A"), memory: applied("A"), live: form("A") }, { drift: [], pending: [], conflict: false }],
    ["noise is no difference", { desired: form("A"), memory: applied("A"), live: form("A", { noise: 1 }) }, { drift: [], pending: [], conflict: false }],
    [
      "Git changed: pending, no conflict",
      { desired: form("B"), memory: applied("A"), live: form("A") },
      { drift: [], pending: [{ path: "title", before: "A", after: "B" }], conflict: false },
    ],
    [
      "Superset changed: drift, and Git's version would overwrite it",
      { desired: form("A"), memory: applied("A"), live: form("U") },
      { drift: [{ path: "title", before: "A", after: "U" }], pending: [{ path: "title", before: "U", after: "A" }], conflict: true },
    ],
    ["both changed alike: the pull request was merged, nothing to write", { desired: form("U"), memory: applied("A"), live: form("U") }, { pending: [], conflict: false }],
    ["both changed, differently", { desired: form("B"), memory: applied("A"), live: form("U") }, { conflict: true }],
    ["deleted in Superset", { desired: form("A"), memory: applied("A") }, { deleted: true, conflict: true }],
    ["deleted on both sides", { memory: applied("A") }, { deleted: true, conflict: false }],
    ["new in Git", { desired: form("A") }, { deleted: false, conflict: false }],
    ["adopted as it is", { desired: form("A"), live: form("A") }, { pending: [], conflict: false }],
    ["adopted in another form", { desired: form("A"), live: form("U") }, { conflict: true }],
    ["removed from Git, untouched in Superset", { memory: applied("A"), live: form("A") }, { conflict: false }],
    ["removed from Git, edited in Superset", { memory: applied("A"), live: form("U") }, { conflict: true }],
    [
      "an edit Git took over, then undone in Superset: undoing it is an edit too",
      { desired: form("U"), memory: applied("A", hash(form("U"))), live: form("A") },
      { drift: [], conflict: true },
    ],
  ];
  test.each(cases)("%s", (_name, versions, expected) => {
    expect(assess(rules, versions)).toMatchObject(expected);
  });
});

describe("remember", () => {
  test("an edit is remembered even after it was undone", () => {
    const edited = remember(rules, applied("A"), form("U"));
    expect(edited).toEqual({ hash: hash(form("U")), applied: form("A"), seen: hash(form("U")) });
    expect(remember(rules, edited, form("A"))).toEqual({ hash: hash(form("A")), applied: form("A"), seen: hash(form("U")) });
  });
  test("a deletion is remembered", () => {
    expect(remember(rules, applied("A"), undefined)).toEqual({ hash: ABSENT, applied: form("A"), seen: ABSENT });
  });
  test("no edit, nothing to remember", () => {
    expect(remember(rules, applied("A"), form("A", { noise: 2 }))).toEqual(applied("A"));
  });
});
