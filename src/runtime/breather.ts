/**
 * Lets the event loop serve others between two pieces of work. One waiter goes on in each round of the loop, the oldest
 * first, so that many who work long at once do not add up to one long silence.
 */
export function createBreather(): () => Promise<void> {
  const waiting: (() => void)[] = []
  const release = () => {
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(release)
  }
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(release)
    })
}
