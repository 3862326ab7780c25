/** How often each point was reached, and how often it may have been where a history does not tell which of several was. */
export class Tally {
  readonly hits = new Map<string, number>()
  readonly maybe = new Map<string, number>()

  /** One of these was reached. Where they are several nobody knows which: each of them may have been. */
  reached(candidates: readonly string[]): void {
    const counts = candidates.length === 1 ? this.hits : this.maybe
    for (const id of candidates) increase(counts, id, 1)
  }

  add({ hits, maybe }: Tally): void {
    for (const [id, times] of hits) increase(this.hits, id, times)
    for (const [id, times] of maybe) increase(this.maybe, id, times)
  }
}

function increase(counts: Map<string, number>, id: string, by: number): void {
  counts.set(id, (counts.get(id) ?? 0) + by)
}
