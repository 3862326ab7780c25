/** How the server tells, once, of many: see `src/api/change-stream.ts`. */
const LIVE = '/_regente/live'

/**
 * Calls back with the names of machines whose executions have moved; `undefined`: any of them may have. Stops while the page is
 * hidden.
 */
export function watchMachines(onMove: (names: ReadonlySet<string> | undefined) => void): () => void {
  return whileSeen(() => {
    const source = new EventSource(LIVE)
    source.addEventListener('machines', ({ data }: MessageEvent<string>) => onMove(new Set(JSON.parse(data) as string[])))
    // At first, and again after the server was away.
    source.addEventListener('ready', () => onMove(undefined))
    return () => source.close()
  })
}

/**
 * Calls back whenever a watched execution has moved: the server's change stream, or every two seconds without it. Stops while
 * the page is hidden and looks again when it is seen.
 */
const POLL_MS = 2_000

export function watchExecution(executionArn: string, onMove: () => void): () => void {
  return whileSeen(() => {
    let poll: ReturnType<typeof setInterval> | undefined
    const source = new EventSource(`${LIVE}?executionArn=${encodeURIComponent(executionArn)}`)
    source.addEventListener('turn', onMove)
    source.addEventListener('ready', () => {
      clearInterval(poll)
      poll = undefined
      onMove()
    })
    source.addEventListener('error', () => {
      poll ??= setInterval(onMove, POLL_MS)
    })
    return () => {
      source.close()
      clearInterval(poll)
    }
  })
}

/** A browser has six connections to a server at a time, for all its tabs: one that is not seen holds none of them. */
function whileSeen(open: () => () => void): () => void {
  let close: (() => void) | undefined
  const look = () => {
    close?.()
    close = document.hidden ? undefined : open()
  }
  document.addEventListener('visibilitychange', look)
  look()
  return () => {
    document.removeEventListener('visibilitychange', look)
    close?.()
  }
}
