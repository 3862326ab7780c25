/** Resources in an order in which each comes after what it refers to. Ties keep the order of the template. */
export class CycleError extends Error {
  override readonly name = 'CycleError'
  readonly cycle: readonly string[]

  constructor(cycle: readonly string[]) {
    super(`Resources depend on each other: ${cycle.join(' -> ')}`)
    this.cycle = cycle
  }
}

export function orderByReferences(dependencies: ReadonlyMap<string, Iterable<string>>): string[] {
  const order: string[] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (id: string): void => {
    if (done.has(id) || !dependencies.has(id)) return
    const start = path.indexOf(id)
    if (start >= 0) throw new CycleError([...path.slice(start), id])
    path.push(id)
    for (const other of dependencies.get(id) ?? []) visit(other)
    path.pop()
    done.add(id)
    order.push(id)
  }
  for (const id of dependencies.keys()) visit(id)
  return order
}
