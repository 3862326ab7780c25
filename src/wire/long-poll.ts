/**
 * When to stop waiting for the sake of an answer: its caller has gone, or the server drains. A drain ends long polls with an
 * empty answer, as if their time were over; work that somebody waits for goes on.
 */
import type { ServerResponse } from 'node:http'

const drains = new WeakMap<ServerResponse, AbortSignal>()

/** Tells that polls for this answer end when `draining` aborts. For the server, before anything handles the request. */
export function endPollsOn(draining: AbortSignal, res: ServerResponse): void {
  drains.set(res, draining)
}

/** Aborts when the connection closes before the answer was written. */
export function hangUpSignal(res: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const abort = () => {
    if (!res.writableEnded) controller.abort()
  }
  if (res.closed) abort()
  else res.once('close', abort)
  return controller.signal
}

/** Aborts then too, and when the server drains. */
export function pollSignal(res: ServerResponse): AbortSignal {
  const draining = drains.get(res)
  const controller = new AbortController()
  const abort = () => controller.abort()
  if (res.closed || draining?.aborted === true) abort()
  draining?.addEventListener('abort', abort)
  res.once('close', () => {
    draining?.removeEventListener('abort', abort)
    if (!res.writableEnded) abort()
  })
  return controller.signal
}
