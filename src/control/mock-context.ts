/** The context object that a test hands in: only members that AWS's own has (recorded: test_state, context object). */
import { nestsWithin } from '../base/json-bounds.ts'
import { isObject, type Json } from '../base/json.ts'

import type { State } from '../asl/program.ts'

import { validation } from './service-error.ts'

type Kind = 'string' | 'integer' | 'any'

const FIELDS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  Execution: {
    Id: 'string',
    Input: 'any',
    Name: 'string',
    RoleArn: 'string',
    StartTime: 'string',
    RedriveCount: 'integer',
    RedriveTime: 'string',
  },
  State: { EnteredTime: 'string', Name: 'string', RetryCount: 'integer' },
  StateMachine: { Id: 'string', Name: 'string' },
  Task: { Token: 'string' },
}

/** Throws ValidationException. */
export function checkMockContext(text: string, state: State): Json {
  const context = parse(text)
  if (!isObject(context)) throw refuse('Context object must be a JSON object')
  for (const [name, members] of Object.entries(context)) {
    if (name === 'Map') throw refuse("'Map' field is not supported when mocking a Context object")
    const fields = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
    if (!fields) throw refuse(`Field '${name}' is not allowed`)
    if (!isObject(members)) throw refuse(`${name} must be a object`)
    for (const [field, value] of Object.entries(members)) checkField(fields, name, field, value)
  }
  if ('Task' in context && !waits(state)) {
    throw refuse(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    )
  }
  return context
}

function checkField(fields: Readonly<Record<string, Kind>>, name: string, field: string, value: Json): void {
  const kind = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (kind === undefined) throw refuse(`Field '${field}' is not allowed`)
  const fits = kind === 'any' || (kind === 'integer' ? Number.isInteger(value) : typeof value === 'string')
  if (!fits) throw refuse(`${name}.${field} must be a ${kind}`)
}

const waits = (state: State) => state.type === 'Task' && state.resource.kind === 'service' && state.resource.pattern !== 'request'

function parse(text: string): Json {
  if (!nestsWithin(text)) throw refuse('Context object is nested too deeply')
  try {
    const context: Json = JSON.parse(text)
    return context
  } catch {
    throw refuse('Context object must be valid JSON')
  }
}

const refuse = (reason: string) => validation(`Invalid Context object provided: ${reason}`)
