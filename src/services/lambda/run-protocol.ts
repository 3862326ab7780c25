/**
 * How `regente services` asks a node to run a function: one request with all that the node has to know but the code, which it
 * fetches by its hash and keeps; the answer is lines of JSON. Their head goes before the function is begun: another status than 200
 * has run nothing.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { Invocation } from './environment.ts'
import type { LaunchPlan } from './launch.ts'
import type { Outcome } from './outcome.ts'
import type { OutputEvent } from './output.ts'

/** At a node's port, for whoever shows the key of the services. */
export const RUN_PATH = '/_regente/functions/run'
/** At the port of the services, for whoever shows their key. */
export const ARCHIVE_PATH = '/_regente/services/archive'
/** A payload and what comes with it. */
export const RUN_BYTES_MAX = 32 * 1024 * 1024

export interface RunRequest {
  readonly generation: string
  /** Without what is the node's own. */
  readonly plan: Omit<LaunchPlan, 'directory' | 'optDirectory' | 'endpoint' | 'isLive'>
  /** Where archives lie below the root of all code: `function/sha256`. */
  readonly code: string
  readonly layers: readonly string[]
  readonly invocation: Invocation
}

export type RunLine =
  | { readonly kind: 'started' }
  /** What processes print, of this invocation or of earlier ones. */
  | { readonly kind: 'printed'; readonly group: string; readonly stream: string; readonly events: readonly OutputEvent[] }
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  /** Nothing has run: another may be asked. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It cannot be told what has run. */
  | { readonly kind: 'failed'; readonly reason: string }

/** `home/sha256`, and nothing that leads elsewhere. */
export const isArchivePath = (path: string): boolean => /^[A-Za-z0-9_-][\w.-]{0,159}\/[0-9a-f]{64}$/.test(path)

export function printRequest({ invocation, ...request }: RunRequest): string {
  return JSON.stringify({ ...request, invocation: { ...invocation, payload: invocation.payload.toString('base64') } })
}

/** Undefined for what is none. The members of the plan are taken as they are: whoever sends them has shown the key. */
export function parseRequest(value: Json): RunRequest | undefined {
  if (!isObject(value)) return undefined
  const { generation, plan, code, layers, invocation } = value
  if (typeof generation !== 'string' || !isObject(plan) || !isObject(invocation)) return undefined
  if (typeof code !== 'string' || !isArray(layers)) return undefined
  const archives = [code, ...layers]
  if (!archives.every((path): path is string => typeof path === 'string' && isArchivePath(path))) return undefined
  const [own = '', ...others] = archives
  const payload = Buffer.from(String(invocation['payload'] ?? ''), 'base64')
  return {
    generation,
    plan: plan as unknown as RunRequest['plan'],
    code: own,
    layers: others,
    invocation: { ...(invocation as unknown as Invocation), payload },
  }
}

export function printLine(line: RunLine): string {
  if (line.kind !== 'ended') return `${JSON.stringify(line)}\n`
  const { payload, ...outcome } = line.outcome
  return `${JSON.stringify({ kind: 'ended', outcome: { ...outcome, payload: payload.toString('base64') } })}\n`
}

/** Throws SyntaxError. */
export function parseLine(text: string): RunLine {
  const line = JSON.parse(text) as JsonObject
  if (line['kind'] !== 'ended') return line as unknown as RunLine
  const outcome = line['outcome']
  if (!isObject(outcome)) throw new SyntaxError('an outcome is missing')
  const payload = Buffer.from(String(outcome['payload'] ?? ''), 'base64')
  return { kind: 'ended', outcome: { ...(outcome as unknown as Outcome), payload } }
}
