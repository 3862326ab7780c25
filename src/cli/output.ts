/** What commands put out: JSON for programs, tables and lists for people. */
import { isArray, isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'
import { jsonOf } from '../base/json-text.ts'

import { printable } from './terminal.ts'

/** Times, which AWS JSON has as seconds, as ISO 8601 texts: `startDate`, `creationDate`. */
export function withDates(value: Json): Json {
  if (isArray(value)) return value.map(withDates)
  if (!isObject(value)) return value
  const object: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value))
    setOwn(object, name, /Date$/.test(name) && typeof member === 'number' ? isoOf(member * 1_000) : withDates(member))
  return object
}

export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

export const isoOf = (ms: number): string => new Date(Math.round(ms)).toISOString()

/** Columns as wide as they must be, two spaces between. */
export function tableOf(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((row) => row.map(printable))
  const widths = (shown[0] ?? []).map((_, column) => Math.max(...shown.map((row) => [...(row[column] ?? '')].length)))
  return shown.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** A member a line; objects, and texts that are JSON themselves, indented below their name. */
export function membersOf(object: JsonObject): string[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const inner = innerJson(value)
    if (inner === undefined) return [`${name}: ${printable(String(value))}`]
    return [
      `${name}:`,
      ...JSON.stringify(inner, null, 2)
        .split('\n')
        .map((line) => `  ${printable(line)}`),
    ]
  })
}

function innerJson(value: Json): Json | undefined {
  if (typeof value === 'object' && value !== null) return value
  return typeof value === 'string' && /^\s*[{[]/.test(value) ? jsonOf(value) : undefined
}
