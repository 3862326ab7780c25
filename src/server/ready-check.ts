/** Asks a server whether requests should be sent there (`readiness.ts`). */
import type { Log } from '../base/log.ts'

import { callAws } from '../wire/client.ts'

import { READY_PATH } from './front-door.ts'

const TIMEOUT_MS = 2_000

/** The question never rejects. Where it is not answered, `whyNot` is told to the log, once until it is again. */
export function createReadyCheck(log: Log, whyNot: string): (url: string) => Promise<boolean> {
  const silent = new Set<string>()
  return async (url) => {
    const call = { endpoint: url, path: READY_PATH, method: 'GET', region: '', service: '', timeoutMs: TIMEOUT_MS }
    try {
      const { status } = await callAws(call)
      silent.delete(url)
      return status === 200
    } catch (error) {
      if (!silent.has(url)) log.warn(whyNot, { url, error: String(error) })
      silent.add(url)
      return false
    }
  }
}
