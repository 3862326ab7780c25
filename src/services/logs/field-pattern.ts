/**
 * Space-delimited patterns: a message is cut into fields at spaces (text in quotes or brackets stays whole), and the
 * pattern names them in order, with conditions; `...` stands for any number of fields.
 */
import { compare, DEPTH_MAX, PatternError, PatternReader } from './pattern-reader.ts'

type Check = (field: string) => boolean
type Slot = Check | 'rest'

const NAME = /[A-Za-z_][\w-]*|\d+/y
const BARE = /[^\s,\]()&|"%]+/y

export function parseFieldPattern(text: string): (message: string) => boolean {
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
  return (message) => matchSlots(slots, splitFields(message))
}

function matchSlots(slots: readonly Slot[], fields: readonly string[]): boolean {
  const gap = slots.indexOf('rest')
  const missing = fields.length - (slots.length - (gap < 0 ? 0 : 1))
  if (gap < 0 ? missing !== 0 : missing < 0) return false
  return slots.every((slot, i) => slot === 'rest' || slot(fields[gap >= 0 && i > gap ? i - 1 + missing : i] ?? ''))
}

function readSlot(reader: PatternReader): Slot {
  if (reader.take('...')) return 'rest'
  return readEither(reader, 0)
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
