/** Epoch seconds, anew every second while something runs. */
import { useEffect, useState } from 'react'

const TICK_MS = 1_000

export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(() => Date.now() / 1_000)
  useEffect(() => {
    setNow(Date.now() / 1_000)
    if (!isRunning) return
    const ticking = setInterval(() => setNow(Date.now() / 1_000), TICK_MS)
    return () => clearInterval(ticking)
  }, [isRunning])
  return now
}
