/**
 * Hands requests on to one of several servers that would all answer alike: always to the same one, until it is not ready any more
 * (`readiness.ts`), does not answer, or is gone; then to the next. Where none is ready just now it waits a moment: servers begin,
 * and hear of one another, one after the other. A request is handed on once: whoever has got 503 asks again, and comes to another.
 */
import type { ServerResponse } from 'node:http'

import type { Clock } from '../base/clock.ts'

import { WireError } from '../wire/errors.ts'
import { drainBody, type Handler } from '../wire/http.ts'
import { sendServiceError } from '../wire/service-error.ts'

import { createForward } from './forward.ts'

export interface SpreadOptions {
  /** Those that there are now, in the order in which they came: `http://host:port`. */
  readonly urls: () => readonly string[]
  /** Whether requests should be sent there. Never rejects. */
  readonly isReady: (url: string) => Promise<boolean>
  /** Answers here, where that is possible by now. */
  readonly own?: () => Handler | undefined
  readonly clock: Clock
  /** Said where there is none. */
  readonly nobody: string
}

/** How long a server that was ready is taken to be so. */
const TRUST_MS = 2_000
/** How long a request waits for a server to be ready. */
const WAIT_MS = 2_000
const LOOK_MS = 50

export function createSpread({ urls, isReady, own = () => undefined, clock, nobody }: SpreadOptions): Handler {
  const forwards = new Map<string, Handler>()
  let chosen: { readonly url: string; readonly at: number } | undefined
  let underWay: Promise<string | undefined> | undefined

  function forwardTo(url: string): Handler {
    const { host } = new URL(url)
    const forward = forwards.get(url) ?? createForward({ upstream: () => ({ kind: 'url', url }), headers: { host } })
    forwards.set(url, forward)
    return forward
  }

  function choose(): string | Promise<string | undefined> {
    const known = urls()
    if (chosen !== undefined && clock.elapsed() - chosen.at < TRUST_MS && known.includes(chosen.url)) return chosen.url
    return (underWay ??= find(known).finally(() => (underWay = undefined)))
  }

  /** Begins with the one that took the last, which stays the first as long as it is ready. */
  async function find(known: readonly string[]): Promise<string | undefined> {
    for (const url of forwards.keys()) if (!known.includes(url)) forwards.delete(url)
    const from = Math.max(0, known.indexOf(chosen?.url ?? ''))
    for (const url of [...known.slice(from), ...known.slice(0, from)]) {
      if (!(await isReady(url))) continue
      chosen = { url, at: clock.elapsed() }
      return url
    }
    chosen = undefined
    return undefined
  }

  async function takerOf(res: ServerResponse): Promise<Handler | undefined> {
    const until = clock.elapsed() + WAIT_MS
    for (;;) {
      const here = own()
      if (here) return here
      const url = await choose()
      if (url !== undefined) return handOnTo(url)
      if (clock.elapsed() >= until || res.destroyed) return undefined
      await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve))
    }
  }

  const handOnTo =
    (url: string): Handler =>
    (req, res) => {
      res.once('close', () => {
        // It stops, or is gone: the next request looks again.
        if (res.statusCode === 503 && chosen?.url === url) chosen = { url, at: Number.NEGATIVE_INFINITY }
      })
      return forwardTo(url)(req, res)
    }

  return async (req, res) => {
    const taker = await takerOf(res)
    if (taker) return taker(req, res)
    await drainBody(req)
    sendServiceError(req, res, new WireError(503, 'ServiceUnavailable', nobody))
  }
}
