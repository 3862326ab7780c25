/** Work that may be long, in slices: at each `yield` others may have their turn. */
export type Slices<T> = Generator<void, T>

/** Does all of it at once, where nobody waits. */
export function finish<T>(work: Slices<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}
