/** How the server tells, once, of many: see `src/api/change-stream.ts`. */
const LIVE = '/_regente/live'

/** Calls back with the names of machines whose executions have moved; `undefined`: any of them may have. */
export function watchMachines(onMove: (names: ReadonlySet<string> | undefined) => void): () => void {
  const source = new EventSource(LIVE)
  source.addEventListener('machines', ({ data }: MessageEvent<string>) => onMove(new Set(JSON.parse(data) as string[])))
  // At first, and again after the server was away.
  source.addEventListener('ready', () => onMove(undefined))
  return () => source.close()
}

/**
 * Calls back whenever a watched execution has moved: the server's change stream, or every two seconds without it. Stops while
 * the page is hidden and looks again when it is seen.
 */
const POLL_MS = 2_000

export function watchExecution(executionArn: string, onMove: () => void): () => void {
  let source: EventSource | undefined
  let poll: ReturnType<typeof setInterval> | undefined
  const close = () => {
    source?.close()
    source = undefined
    clearInterval(poll)
    poll = undefined
  }
  const open = () => {
    close()
    if (document.hidden) return
    source = new EventSource(`${LIVE}?executionArn=${encodeURIComponent(executionArn)}`)
    source.addEventListener('turn', onMove)
    source.addEventListener('ready', () => {
      clearInterval(poll)
      poll = undefined
      onMove()
    })
    source.addEventListener('error', () => {
      poll ??= setInterval(onMove, POLL_MS)
    })
  }
  document.addEventListener('visibilitychange', open)
  open()
  return () => {
    document.removeEventListener('visibilitychange', open)
    close()
  }
}
