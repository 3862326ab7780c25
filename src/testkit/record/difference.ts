/** In what two outcomes of a recorded execution differ, and how that is told. */
import { isArray, isObject, type Json } from '../../base/json.ts'
import { pointerOf } from '../../base/json-pointer.ts'

import { type Parting, partingOf } from './parting.ts'
import type { Outcome, Stop } from './playback.ts'
import type { Expected } from './recording.ts'

export type Difference =
  | ({ readonly kind: 'path' } & Parting)
  | Stop
  | {
      readonly kind: 'status'
      readonly before: string
      readonly now: string
      readonly error: string | undefined
      readonly cause: string | undefined
    }
  /** `at`: the pointer of the first value that differs. */
  | { readonly kind: 'output'; readonly at: string; readonly before: Json | undefined; readonly now: Json | undefined }
  | { readonly kind: 'error'; readonly before: string; readonly now: string }

/** With a sentence that tells it. */
export type ToldDifference = Difference & { readonly message: string }

/** What came of it, and on which way. */
export type Ending = Pick<Expected, 'output' | 'error' | 'cause' | 'path'> & { readonly status: string }

/** None where nothing differs. Where the second could not go on, what it has come to until then is compared. */
export function differencesOf(before: Ending, now: Outcome): readonly ToldDifference[] {
  const { stop } = now
  const parting = partingOf(before.path, now.path, stop !== undefined)
  const found: Difference[] = []
  if (parting) found.push({ kind: 'path', ...parting })
  if (stop) found.push(stop)
  else found.push(...endingsOf(before, now))
  return found.map((difference) => ({ ...difference, message: sentenceOf(difference) }))
}

function endingsOf(before: Ending, now: Outcome): readonly Difference[] {
  if (before.status !== now.status)
    return [{ kind: 'status', before: before.status, now: now.status, error: now.error, cause: now.cause }]
  if (now.status === 'SUCCEEDED') {
    // What a history does not tell is not compared.
    if (before.output === undefined) return []
    const output = firstDifference(masked(before.output), masked(now.output ?? null))
    return output ? [{ kind: 'output', ...output }] : []
  }
  const [a, b] = [failureText(before), failureText(now)]
  return mask(a).replaceAll(/#\d+/g, '#') === mask(b).replaceAll(/#\d+/g, '#') ? [] : [{ kind: 'error', before: a, now: b }]
}

interface Reason {
  readonly error?: string | undefined
  readonly cause?: string | undefined
}

const failureText = ({ error = '', cause = '' }: Reason): string => (cause === '' ? error : `${error}: ${cause}`)

interface Differing {
  readonly at: string
  readonly before: Json | undefined
  readonly now: Json | undefined
}

/** The first value, in the order of the first one's members. */
export function firstDifference(a: Json, b: Json, path: readonly (string | number)[] = []): Differing | undefined {
  if (isArray(a) && isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      const found = memberDifference(a[index], b[index], [...path, index])
      if (found) return found
    }
    return undefined
  }
  if (isObject(a) && isObject(b)) {
    const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
    for (const key of new Set([...left.keys(), ...right.keys()])) {
      const found = memberDifference(left.get(key), right.get(key), [...path, key])
      if (found) return found
    }
    return undefined
  }
  return a === b ? undefined : { at: pointerOf(path), before: a, now: b }
}

function memberDifference(a: Json | undefined, b: Json | undefined, path: readonly (string | number)[]): Differing | undefined {
  if (a !== undefined && b !== undefined) return firstDifference(a, b, path)
  return a === b ? undefined : { at: pointerOf(path), before: a, now: b }
}

/** ARNs of executions, ids and times are of each execution's own. */
export function masked(value: Json): Json {
  if (typeof value === 'string') return mask(value)
  if (isArray(value)) return value.map(masked)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, masked(member)]))
}

const mask = (text: string): string =>
  text
    .replaceAll(/arn:aws[\w-]*:states:[\w-]*:\d*:(execution|express|mapRun|stateMachine):[^\s"'\\]+/g, '<$1>')
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<uuid>')
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/g, '<time>')

function sentenceOf(difference: Difference): string {
  switch (difference.kind) {
    case 'path':
      return partingText(difference)
    case 'unrecorded':
      return unrecordedText(difference)
    case 'unanswered':
      return `${difference.path} waits longer than the ${difference.ms / 1_000} s after which it was given up: what it would have been answered is not known.`
    case 'endless':
      return difference.reason
    case 'untold':
      return `${difference.path} succeeds with a result that the history did not tell whole: what follows is not known.`
    case 'status':
      return `It ended ${difference.before}; now it ends ${difference.now}${reasonText(difference)}.`
    case 'output':
      return `Its output differs at ${difference.at || '/'}: it was ${valueText(difference.before)}, now it is ${valueText(difference.now)}.`
    case 'error':
      return `It failed with ${difference.before}; now with ${difference.now}.`
  }
}

function partingText({ within, after, before, now }: Parting): string {
  const where = after === undefined ? (within === undefined ? 'At the start' : `In ${within}`) : `After ${after}`
  return `${where} comes ${now ?? 'nothing'}, where ${before ?? 'nothing'} came.`
}

function unrecordedText({ why, path, resource, recorded, times }: Extract<Stop, { kind: 'unrecorded' }>): string {
  switch (why) {
    case 'new':
      return `${path} calls ${resource}, which was never recorded: it has no answer.`
    case 'resource':
      return `${path} calls ${resource}; recorded is what ${recorded} answered: it has no answer.`
    case 'more':
      return `${path} calls ${resource} once more than the ${times === 1 ? 'one time that was' : `${times} times that were`} recorded: it has no answer.`
  }
}

const reasonText = (reason: Reason): string => (reason.error === undefined ? '' : ` with ${failureText(reason)}`)

const SHOWN = 80

function valueText(value: Json | undefined): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value)
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}
