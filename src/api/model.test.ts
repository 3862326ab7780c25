import * as sfn from '@aws-sdk/client-sfn'
import { describe, expect, test } from 'vitest'

import type { JsonObject } from '../base/json.ts'

import type { Control } from '../control/control.ts'
import { ServiceError } from '../control/service-error.ts'
import { OPERATIONS } from './handler.ts'
import { Input } from './input.ts'
import type { Call } from './operation.ts'

/** A shape of the SDK: [kind, namespace, name, traits, member names, member shapes, how many of them are required]. */
type Shape = readonly [number, string, string, unknown, readonly string[], readonly unknown[], number?]

const shapes = sfn as unknown as Record<string, Shape | undefined>
const shapeOf = (name: string): Shape => {
  const shape = shapes[`${name}$`]
  if (!shape) throw new Error(`the SDK has no shape ${name}`)
  return shape
}
const unwrap = (shape: unknown): unknown => {
  const value = typeof shape === 'function' ? (shape as () => unknown)() : shape
  const [kind, , , , inner] = Array.isArray(value) ? value : []
  // A member with traits is [shape, traits]; a list is [1, namespace, name, traits, item].
  if (Array.isArray(value) && (typeof value[0] === 'function' || Array.isArray(value[0]))) return unwrap(value[0])
  return kind === 1 ? unwrap(inner) : value
}

/** Every member of a structure, nested ones with their path. */
function membersOf(shape: Shape, path = ''): string[] {
  return shape[4].flatMap((name, index) => {
    const member = unwrap(shape[5][index])
    const nested = Array.isArray(member) && member[0] === 3 ? membersOf(member as unknown as Shape, `${path}${name}.`) : []
    return [`${path}${name}`, ...nested]
  })
}

/** Something of every member's shape, so that nested readers are reached. */
function sampleOf(shape: Shape): JsonObject {
  return Object.fromEntries(
    shape[4].flatMap((name, index) => {
      const value = typeof shape[5][index] === 'function' ? (shape[5][index] as () => unknown)() : shape[5][index]
      const member = unwrap(value)
      if (!Array.isArray(member) || member[0] !== 3) return []
      const sample = sampleOf(member as unknown as Shape)
      const isList = Array.isArray(value) && value[0] === 1
      return [[name, isList ? [sample] : sample]]
    }),
  )
}

type Run = (control: Control, input: Input<unknown>, call: Call) => Promise<unknown>
const { signal } = new AbortController()
const call = { signal, pollSignal: () => signal }
/** A control that is never reached: whatever gets that far has read its input. */
const unreached = new Proxy(
  {},
  { get: () => new Proxy({}, { get: () => () => Promise.reject(new Error('reached')) }) },
) as Control

describe.each(Object.entries(OPERATIONS) as [string, Run][])('%s', (name, run) => {
  const shape = shapeOf(`${name}Input`)

  test('reads every member that AWS has', async () => {
    const input = new Input<unknown>(sampleOf(shape))
    await run(unreached, input, call).catch(() => {})
    expect([...input.asked].sort()).toEqual([...new Set(membersOf(shape))].sort())
  })

  test('refuses a request without its required members in AWS words', async () => {
    const required = shape[4].slice(0, shape[6] ?? 0)
    const refusal = await run(unreached, new Input<unknown>({}), call).catch((error: unknown) => error)
    if (required.length === 0) return expect(refusal).not.toBeInstanceOf(ServiceError)
    expect(refusal).toMatchObject({ code: 'ValidationException' })
    for (const member of required) {
      expect(String(refusal)).toContain(`Value null at '${member}' failed to satisfy constraint: Member must not be null`)
    }
  })
})
