/** `id`, with -2, -3, … where it is taken. */
export function unique(id: string, taken: { has(id: string): boolean }): string {
  let free = id;
  for (let copy = 2; taken.has(free); copy += 1) {
    free = `${id}-${copy}`;
  }
  return free;
}
