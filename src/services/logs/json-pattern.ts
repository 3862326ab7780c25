/** JSON patterns: conditions on properties of messages that are JSON objects, joined by && and ||, with parentheses. */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { compare, DEPTH_MAX, PatternError, PatternReader } from './pattern-reader.ts'

type Test = (document: Json) => boolean
type Step = string | number | '*each'

const BARE = /[^\s(){}&|"%]+/y
const PROPERTY = /[^\s.[\](){}=!<>&|"]+/y

export function parseJsonPattern(text: string): (message: string) => boolean {
  const reader = new PatternReader(text)
  reader.expect('{')
  const test = readEither(reader, 0)
  reader.expect('}')
  reader.skipSpace()
  if (!reader.isAtEnd) throw new PatternError(`unexpected text at ${reader.at}`)
  return (message) => {
    const document = parseMessage(message)
    return document !== undefined && test(document)
  }
}

/** `$.a.b[0]` alone: what a message that is JSON holds there, as text. Undefined where that is no plain value. */
export function parseSelector(text: string): (message: string) => string | undefined {
  const reader = new PatternReader(text)
  const steps = readSelector(reader)
  if (!reader.isAtEnd) throw new PatternError(`unexpected text at ${reader.at}`)
  return (message) => {
    const document = parseMessage(message)
    const [value] = document === undefined ? [] : select(document, steps)
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
  }
}

function parseMessage(message: string): Json | undefined {
  const start = message.trimStart()
  return start.startsWith('{') || start.startsWith('[') ? jsonOf(message) : undefined
}

function readEither(reader: PatternReader, depth: number): Test {
  const tests = [readBoth(reader, depth)]
  while (reader.take('||')) tests.push(readBoth(reader, depth))
  return tests.length === 1 ? (tests[0] as Test) : (document) => tests.some((test) => test(document))
}

function readBoth(reader: PatternReader, depth: number): Test {
  const tests = [readTest(reader, depth)]
  while (reader.take('&&')) tests.push(readTest(reader, depth))
  return tests.length === 1 ? (tests[0] as Test) : (document) => tests.every((test) => test(document))
}

function readTest(reader: PatternReader, depth: number): Test {
  if (depth > DEPTH_MAX) throw new PatternError('nested too deep')
  if (reader.take('(')) {
    const inner = readEither(reader, depth + 1)
    reader.expect(')')
    return inner
  }
  const steps = readSelector(reader)
  const operator = reader.operator()
  if (operator === undefined) return readClaim(reader, steps)
  const operand = reader.operand(BARE)
  return (document) =>
    select(document, steps).some(
      (value) =>
        (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') &&
        compare(typeof value === 'boolean' ? String(value) : value, operator, operand),
    )
}

/** IS NULL, IS TRUE, IS FALSE, EXISTS, and their negations. */
function readClaim(reader: PatternReader, steps: readonly Step[]): Test {
  const words = reader.match(/(?:IS\s+NOT|NOT|IS)?\s*(?:NULL|TRUE|FALSE|EXISTS)\b/iy)?.toUpperCase()
  if (words === undefined) throw new PatternError(`expected a condition at ${reader.at}`)
  const isNegated = /\bNOT\b/.test(words)
  const subject = /\w+$/.exec(words)?.[0]
  if (subject === 'EXISTS') return (document) => select(document, steps).length > 0 !== isNegated
  const wanted = subject === 'NULL' ? null : subject === 'TRUE'
  return (document) => select(document, steps).some((value) => (value === wanted) !== isNegated)
}

/** `$.a.b[0]["odd name"][*]`, or a property name without the `$.`. */
function readSelector(reader: PatternReader): Step[] {
  const steps: Step[] = []
  if (!reader.take('$')) throw new PatternError(`a selector begins with $ at ${reader.at}`)
  for (;;) {
    const char = reader.text[reader.at]
    if (char === '.') {
      reader.at++
      const name = reader.match(PROPERTY)
      if (name === undefined) throw new PatternError(`expected a property at ${reader.at}`)
      steps.push(name === '*' ? '*each' : name)
    } else if (char === '[') {
      reader.at++
      steps.push(readIndex(reader))
      reader.expect(']')
    } else return steps
  }
}

function readIndex(reader: PatternReader): Step {
  if (reader.take('*')) return '*each'
  const quoted = reader.quoted() ?? reader.match(/'[^']*'/y)?.slice(1, -1)
  if (quoted !== undefined) return quoted
  const digits = reader.match(/\d+/y)
  if (digits === undefined) throw new PatternError(`expected an index at ${reader.at}`)
  return Number(digits)
}

function select(document: Json, steps: readonly Step[]): Json[] {
  let found: Json[] = [document]
  for (const step of steps) found = found.flatMap((value) => children(value, step))
  return found
}

function children(value: Json, step: Step): Json[] {
  if (step === '*each') return isArray(value) ? [...value] : isObject(value) ? Object.values(value) : []
  if (typeof step === 'number') {
    const item = isArray(value) ? value[step] : undefined
    return item === undefined ? [] : [item]
  }
  const member = isObject(value) ? getOwn(value, step) : undefined
  return member === undefined ? [] : [member]
}
