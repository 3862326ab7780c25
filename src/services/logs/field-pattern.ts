/**
 * Space-delimited patterns: a message is cut into fields at spaces (text in quotes or brackets stays whole), and the
 * pattern names them in order, with conditions; `...` stands for any number of fields.
 */
import { compare, DEPTH_MAX, PatternError, PatternReader } from './pattern-reader.ts'

type Check = (field: string) => boolean
type Slot = { readonly name: string | undefined; readonly check: Check } | 'rest'

export interface FieldPattern {
  readonly matches: (message: string) => boolean
  /** What a message that matches has in the field of that name. Undefined where the pattern names none so. */
  readonly fieldNamed: (name: string) => ((message: string) => string | undefined) | undefined
}

const NAME = /[A-Za-z_][\w-]*|\d+/y
/** A slot begins with its name, be it in parentheses. */
const NAMED = /^[\s(]*([A-Za-z_][\w-]*|\d+)/
const BARE = /[^\s,\]()&|"%]+/y

export function parseFields(text: string): FieldPattern {
  const reader = new PatternReader(text)
  const slots: Slot[] = []
  reader.expect('[')
  if (!reader.take(']')) {
    do slots.push(readSlot(reader))
    while (reader.take(','))
    reader.expect(']')
  }
  reader.skipSpace()
  if (!reader.isAtEnd) throw new PatternError(`unexpected text at ${reader.at}`)
  if (slots.filter((slot) => slot === 'rest').length > 1) throw new PatternError('... may occur once')
  return {
    matches: (message) => matchSlots(slots, splitFields(message)),
    fieldNamed: (name) => {
      const index = slots.findIndex((slot) => slot !== 'rest' && slot.name === name)
      if (index < 0) return undefined
      return (message) => {
        const fields = splitFields(message)
        return fields[placeOf(index, slots, fields)]
      }
    },
  }
}

/** Of the field that a slot stands for: those behind `...` are counted from the end. */
function placeOf(index: number, slots: readonly Slot[], fields: readonly string[]): number {
  const gap = slots.indexOf('rest')
  return gap >= 0 && index > gap ? index + fields.length - slots.length : index
}

function matchSlots(slots: readonly Slot[], fields: readonly string[]): boolean {
  const gap = slots.indexOf('rest')
  const missing = fields.length - (slots.length - (gap < 0 ? 0 : 1))
  if (gap < 0 ? missing !== 0 : missing < 0) return false
  return slots.every((slot, index) => slot === 'rest' || slot.check(fields[placeOf(index, slots, fields)] ?? ''))
}

function readSlot(reader: PatternReader): Slot {
  if (reader.take('...')) return 'rest'
  const [, name] = NAMED.exec(reader.text.slice(reader.at)) ?? []
  return { name, check: readEither(reader, 0) }
}

function readEither(reader: PatternReader, depth: number): Check {
  const checks = [readBoth(reader, depth)]
  while (reader.take('||')) checks.push(readBoth(reader, depth))
  return checks.length === 1 ? (checks[0] as Check) : (field) => checks.some((check) => check(field))
}

function readBoth(reader: PatternReader, depth: number): Check {
  const checks = [readCondition(reader, depth)]
  while (reader.take('&&')) checks.push(readCondition(reader, depth))
  return checks.length === 1 ? (checks[0] as Check) : (field) => checks.every((check) => check(field))
}

function readCondition(reader: PatternReader, depth: number): Check {
  if (depth > DEPTH_MAX) throw new PatternError('nested too deep')
  if (reader.take('(')) {
    const inner = readEither(reader, depth + 1)
    reader.expect(')')
    return inner
  }
  const name = reader.match(NAME)
  const operator = reader.operator()
  if (operator === undefined) {
    if (name === undefined) throw new PatternError(`expected a field at ${reader.at}`)
    return () => true
  }
  const operand = reader.operand(BARE)
  return (field) => compare(field, operator, operand)
}

/** Fields of a message, their quotes or brackets taken off. */
export function splitFields(message: string): string[] {
  const fields: string[] = []
  for (const match of message.matchAll(/"([^"]*)"|\[([^\]]*)\]|(\S+)/g)) fields.push(match[1] ?? match[2] ?? match[3] ?? '')
  return fields
}
