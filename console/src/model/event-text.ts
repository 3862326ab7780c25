/** A history event as JSON to read: inputs and outputs, which are texts of JSON in it, are shown as what they hold. */
import { isObject } from '../../../src/base/json.ts'
import type { HistoryEvent } from '../../../src/history/history-event.ts'
import { objectText, treeOf } from './json-text.ts'

const HELD: ReadonlySet<string> = new Set(['input', 'output', 'parameters', 'cause'])

export const eventText = (event: HistoryEvent): string => textOf(event)

function textOf(value: object): string {
  return objectText(
    Object.entries(value).flatMap(([name, member]: [string, unknown]): (readonly [string, string])[] => {
      if (member === undefined) return []
      if (isObject(member)) return [[name, name === 'assignedVariables' ? variablesText(member) : textOf(member)]]
      return [[name, typeof member === 'string' && HELD.has(name) && treeOf(member) ? member : JSON.stringify(member)]]
    }),
  )
}

const variablesText = (variables: object): string =>
  objectText(Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]))
