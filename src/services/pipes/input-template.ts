/**
 * What an enrichment or a target is given of an event: the event itself, or a template with `<$.path>` in it. Pure.
 * Source: EventBridge user guide, "Amazon EventBridge Pipes input transformation".
 */
import type { Json } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { atEventPath, isEventPath } from '../kit/event-path.ts'

/** Of the pipe itself, by the names in templates: `aws.pipes.pipe-arn`. */
export type PipeVariables = Readonly<Record<string, string>>

/** JSON where the template comes to that, else text. */
export function fillTemplate(template: string | undefined, event: Json, variables: PipeVariables): Json {
  if (template === undefined || template === '') return event
  let isQuoted = false
  const text = template.replace(/\\.|"|<([^<>"]+)>/g, (found: string, name: string | undefined) => {
    if (found === '"') isQuoted = !isQuoted
    if (name === undefined) return found
    const value = variableOf(name.trim(), event, variables)
    if (value === NOTHING) return found
    if (!isQuoted) return JSON.stringify(value ?? null)
    if (value === undefined) return ''
    return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1)
  })
  return jsonOf(text) ?? text
}

const NOTHING = Symbol('nothing')

function variableOf(name: string, event: Json, variables: PipeVariables): Json | undefined | typeof NOTHING {
  if (isEventPath(name)) return atPath(event, name)
  if (name === 'aws.pipes.event' || name === 'aws.pipes.event.json') return event
  return variables[name] ?? NOTHING
}

/** A path goes on into a body that is JSON. */
export const atPath = (event: Json, path: string): Json | undefined => atEventPath(event, path, jsonOf)

/** A parameter that is a path stands for what is there. */
export function parameterOf(parameter: Json | undefined, event: Json): string | undefined {
  if (typeof parameter !== 'string') return undefined
  const value = parameter.startsWith('$') && isEventPath(parameter) ? atPath(event, parameter) : parameter
  return value === undefined || value === null ? undefined : textOf(value)
}

export const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
