/** Names so that each stands after those that it refers to, or one cycle with its first name repeated at the end. */
export type Ordered = { readonly order: readonly string[] } | { readonly cycle: readonly string[] };

/** Keeps the given order where it can. References to names that are not given are left out. */
export function inOrder(references: ReadonlyMap<string, readonly string[]>): Ordered {
  const order: string[] = [];
  const path: string[] = [];
  const visit = (name: string): readonly string[] | undefined => {
    if (order.includes(name)) return undefined;
    const start = path.indexOf(name);
    if (start >= 0) return [...path.slice(start), name];
    path.push(name);
    for (const next of references.get(name) ?? []) {
      const cycle = references.has(next) ? visit(next) : undefined;
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    order.push(name);
    return undefined;
  };
  for (const name of references.keys()) {
    const cycle = visit(name);
    if (cycle !== undefined) return { cycle };
  }
  return { order };
}
