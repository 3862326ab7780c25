/** A recording as a file: JSON, one execution each. What is in it was perhaps written by hand: it is read with care. */
import { readFile, writeFile } from 'node:fs/promises'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { messageOf, TestKitError } from '../kit-error.ts'
import { END_STATUSES, PHASES, type RecordedCall, type Recording, RECORDING_VERSION } from './recording.ts'

/** Rejects with TestKitError where it is none, and says what of it. */
export async function readRecording(file: string): Promise<Recording> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new TestKitError(`${file} cannot be read: ${messageOf(error)}`)
  })
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (error) {
    throw new TestKitError(`${file} is not JSON: ${messageOf(error)}. Record the execution again: regente record.`)
  }
  return new Reader(file).recording(value)
}

/** Replaces the file that is there. */
export async function writeRecording(file: string, recording: Recording): Promise<void> {
  await writeFile(file, textOfRecording(recording))
}

/** As it stands in a file. */
export const textOfRecording = (recording: Recording): string => `${JSON.stringify(recording, null, 2)}\n`

class Reader {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  recording(value: Json): Recording {
    if (isObject(value) && getOwn(value, 'events') !== undefined)
      throw new TestKitError(
        `${this.#file} is a history, not a recording. Make one of it: regente record --history ${this.#file}`,
      )
    const root = this.#object(value, 'it')
    const version = getOwn(root, 'version')
    if (version !== RECORDING_VERSION)
      throw this.#wrong(`version is ${JSON.stringify(version)}, and this Regente reads version ${RECORDING_VERSION}`)
    const expect = this.#object(getOwn(root, 'expect'), 'expect')
    const output = getOwn(expect, 'output')
    return {
      version,
      source: this.#text(root, 'source'),
      type: this.#oneOf(root, 'type', ['STANDARD', 'EXPRESS']),
      definition: this.#optionalText(root, 'definition'),
      name: this.#text(root, 'name'),
      startedAt: this.#time(root, 'startedAt'),
      input: getOwn(root, 'input') ?? null,
      calls: this.#lists(root, 'calls', (call, where) => this.#call(call, where)),
      children: this.#children(root),
      expect: {
        status: this.#oneOf(expect, 'status', END_STATUSES, 'expect.'),
        ...(output !== undefined && { output }),
        ...this.#reason(expect),
        path: this.#texts(expect, 'path', 'expect.'),
        ms: this.#number(expect, 'ms', 'expect.'),
      },
      notes: this.#texts(root, 'notes'),
    }
  }

  #call(value: Json, where: string): RecordedCall {
    const call = this.#object(value, where)
    const within = `${where}.`
    const outcome = this.#oneOf(call, 'outcome', ['succeeded', 'failed', 'timedOut', 'unanswered', 'untold'], within)
    const of = {
      resource: this.#text(call, 'resource', within),
      ms: this.#number(call, 'ms', within),
      ...(getOwn(call, 'heartbeatSeconds') !== undefined && {
        heartbeatSeconds: this.#number(call, 'heartbeatSeconds', within),
      }),
    }
    switch (outcome) {
      case 'succeeded': {
        const result = getOwn(call, 'result')
        if (result === undefined) throw this.#wrong(`${where} succeeded and has no result`)
        return { ...of, outcome, result }
      }
      case 'failed': {
        return { ...of, outcome, ...this.#reason(call, within), phase: this.#oneOf(call, 'phase', PHASES, within) }
      }
      case 'timedOut':
      case 'unanswered':
      case 'untold':
        return { ...of, outcome }
    }
  }

  #lists<T>(root: JsonObject, key: string, read: (value: Json, where: string) => T): Readonly<Record<string, readonly T[]>> {
    const lists = Object.entries(this.#object(getOwn(root, key), key))
    return Object.fromEntries(
      lists.map(([path, list]) => {
        const where = `${key}['${path}']`
        if (!isArray(list)) throw this.#wrong(`${where} must be a list`)
        return [path, list.map((value, index) => read(value, `${where}[${index}]`))]
      }),
    )
  }

  #children(root: JsonObject): Recording['children'] {
    const children = Object.entries(this.#object(getOwn(root, 'children'), 'children'))
    return Object.fromEntries(
      children.map(([path, inputs]) => {
        if (inputs === null || isArray(inputs)) return [path, inputs]
        throw this.#wrong(`children['${path}'] must be a list, or null`)
      }),
    )
  }

  #reason(object: JsonObject, within = 'expect.'): { readonly error?: string; readonly cause?: string } {
    const [error, cause] = [this.#optionalText(object, 'error', within), this.#optionalText(object, 'cause', within)]
    return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) }
  }

  #object(value: Json | undefined, where: string): JsonObject {
    if (isObject(value)) return value
    throw this.#wrong(`${where} must be an object`)
  }

  #text(object: JsonObject, key: string, within = ''): string {
    const text = this.#optionalText(object, key, within)
    if (text === undefined) throw this.#wrong(`${within}${key} is missing`)
    return text
  }

  #optionalText(object: JsonObject, key: string, within = ''): string | undefined {
    const value = getOwn(object, key)
    if (value === undefined || typeof value === 'string') return value
    throw this.#wrong(`${within}${key} must be a text`)
  }

  #texts(object: JsonObject, key: string, within = ''): readonly string[] {
    const value = getOwn(object, key)
    if (isArray(value) && value.every((one) => typeof one === 'string')) return value
    throw this.#wrong(`${within}${key} must be a list of texts`)
  }

  #number(object: JsonObject, key: string, within = ''): number {
    const value = getOwn(object, key)
    if (typeof value === 'number' && value >= 0) return value
    throw this.#wrong(`${within}${key} must be a number, 0 or more`)
  }

  #time(object: JsonObject, key: string): string {
    const text = this.#text(object, key)
    if (!Number.isNaN(Date.parse(text))) return text
    throw this.#wrong(`${key} must be a time such as 2026-01-01T00:00:00.000Z`)
  }

  #oneOf<T extends string>(object: JsonObject, key: string, known: readonly T[], within = ''): T {
    const text = this.#text(object, key, within)
    const found = known.find((one) => one === text)
    if (found !== undefined) return found
    throw this.#wrong(`${within}${key} must be ${known.join(', ')}, not ${text}`)
  }

  #wrong(what: string): TestKitError {
    return new TestKitError(
      `${this.#file} is no recording of an execution: ${what}. Record it again: regente record EXECUTION_ARN.`,
    )
  }
}
