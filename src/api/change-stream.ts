/**
 * Server-sent events that say "it has moved" and no more: what there is to see is read over the API. Turns that follow closely
 * are told once. A page that is gone is forgotten; the number of listeners is bounded. Who asks for no execution is told which
 * machines' executions have moved.
 */
import type { ServerResponse } from 'node:http'

import { type Handler, sendJson, targetOf } from '../wire/http.ts'
import { pollSignal } from '../wire/long-poll.ts'

const LISTENERS_MAX = 200
/** Well under the 200 ms in which a change is to be seen. */
const COALESCE_MS = 50
/** Machines are told less often: counts that change are read anew for each. */
const MACHINES_MS = 5_000
const MACHINES_MAX = 1_000
/** The name under which those listen who watch all machines. */
const ALL = ''
/** Who does not read is let go, and hears `ready` when it comes back. */
const UNREAD_MAX = 256 * 1024
/** Proxies cut connections that are silent for a minute. */
const HEARTBEAT_MS = 25_000

export function createChangeStream() {
  const listeners = new Map<string, Set<ServerResponse>>()
  const waiting = new Set<string>()
  const machines = new Set<string>()
  let count = 0
  let isTelling = false

  const tellMachines = () => {
    isTelling = false
    const names = JSON.stringify([...machines])
    machines.clear()
    for (const res of listeners.get(ALL) ?? []) send(res, `event: machines\ndata: ${names}\n\n`)
  }

  const noteMachine = (executionArn: string) => {
    const name = machineIn(executionArn)
    if (name === undefined || machines.size >= MACHINES_MAX) return
    machines.add(name)
    if (isTelling) return
    isTelling = true
    setTimeout(tellMachines, MACHINES_MS).unref()
  }

  const tell = (arn: string) => {
    waiting.delete(arn)
    for (const res of listeners.get(arn) ?? []) send(res, 'event: turn\ndata:\n\n')
  }

  const listen: Handler = async (req, res) => {
    const arn = targetOf(req).query.get('executionArn') ?? ALL
    if (arn.length > 2_000) return sendJson(res, { message: 'executionArn is too long.' }, { status: 400 })
    if (count >= LISTENERS_MAX) return sendJson(res, { message: 'Too many pages watch.' }, { status: 503 })
    count += 1
    const those = listeners.get(arn) ?? new Set()
    listeners.set(arn, those.add(res))
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    res.write('retry: 2000\nevent: ready\ndata:\n\n')
    pollSignal(res).addEventListener('abort', () => res.end(), { once: true })
    const heartbeat = setInterval(send, HEARTBEAT_MS, res, ':\n\n').unref()
    res.once('close', () => {
      count -= 1
      clearInterval(heartbeat)
      those.delete(res)
      if (those.size === 0) listeners.delete(arn)
    })
  }

  return {
    listen,
    /** Executions that somebody watches. */
    watched: (): readonly string[] => [...listeners.keys()].filter((arn) => arn !== ALL),
    moved(arn: string): void {
      if (listeners.has(ALL)) noteMachine(arn)
      if (!listeners.has(arn) || waiting.has(arn)) return
      waiting.add(arn)
      setTimeout(tell, COALESCE_MS, arn).unref()
    },
  }
}

function send(res: ServerResponse, text: string): void {
  if (res.writableLength > UNREAD_MAX) res.destroy()
  else if (!res.writableEnded) res.write(text)
}

/** The name of a listed execution's machine; the children of a Map Run are listed elsewhere, Express executions nowhere. */
const machineIn = (executionArn: string): string | undefined => /:execution:([^:/]+):[^:]+$/.exec(executionArn)?.[1]
