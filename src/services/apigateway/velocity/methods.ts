/**
 * The methods of Java's strings, lists and maps that templates call, and the properties that Velocity finds by them (`$text.empty` is
 * `isEmpty()`). Undefined for what is not among them. Regular expressions run in linear time (re2js).
 * Source: Java SE, String, List, Map; Apache Velocity user guide, "Property lookup rules".
 */
import { RE2JS } from 're2js'

import { readCost, SEARCH_COST } from '../../../expr/regex-cost.ts'
import { type Work, WorkSpent } from '../../../expr/work.ts'

import { TemplateError } from './syntax.ts'
import { isMap, printValue, spent, type Value } from './value.ts'

type Method<T> = (self: T, values: readonly Value[], work: Work) => Value

const text = (values: readonly Value[], at: number, work: Work): string => printValue(values[at] ?? '', work)
const whole = (values: readonly Value[], at: number): number | undefined => {
  const value = values[at]
  return typeof value === 'number' ? Math.trunc(value) : undefined
}

/** Java's texts compare and print like ours; out of bounds it throws, and the reference is empty. */
const TEXT = new Map<string, Method<string>>([
  ['length', (self) => self.length],
  ['isEmpty', (self) => self === ''],
  ['isBlank', (self) => self.trim() === ''],
  ['toString', (self) => self],
  ['trim', (self) => self.trim()],
  ['strip', (self) => self.trim()],
  ['toLowerCase', (self) => self.toLowerCase()],
  ['toUpperCase', (self) => self.toUpperCase()],
  ['equals', (self, values) => self === values[0]],
  ['equalsIgnoreCase', (self, values, work) => self.toLowerCase() === text(values, 0, work).toLowerCase()],
  ['contains', (self, values, work) => self.includes(text(values, 0, work))],
  ['startsWith', (self, values, work) => self.startsWith(text(values, 0, work), whole(values, 1))],
  ['endsWith', (self, values, work) => self.endsWith(text(values, 0, work))],
  ['indexOf', (self, values, work) => self.indexOf(text(values, 0, work), whole(values, 1))],
  ['lastIndexOf', (self, values, work) => self.lastIndexOf(text(values, 0, work))],
  ['compareTo', (self, values, work) => compared(self, text(values, 0, work))],
  ['concat', (self, values, work) => self + text(values, 0, work)],
  ['charAt', (self, values) => self[whole(values, 0) ?? -1] ?? null],
  ['substring', (self, values) => substring(self, whole(values, 0), whole(values, 1))],
  ['replace', (self, values, work) => replaced(self, text(values, 0, work), text(values, 1, work), work)],
  ['replaceAll', (self, values, work) => replacedAll(self, text(values, 0, work), text(values, 1, work), work)],
  ['replaceFirst', (self, values, work) => replacedFirst(self, text(values, 0, work), text(values, 1, work), work)],
  [
    'matches',
    (self, values, work) =>
      reading(() =>
        pattern(text(values, 0, work), work, self.length)
          .matcher(self)
          .matches(),
      ),
  ],
  ['split', (self, values, work) => split(self, text(values, 0, work), work)],
])

function compared(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

const substring = (self: string, from = 0, to = self.length): string | null =>
  from < 0 || to > self.length || from > to ? null : self.slice(from, to)

/** What it may grow to is paid before it is made. */
function replaced(self: string, what: string, by: string, work: Work): string {
  work.spend((self.length * (1 + by.length / Math.max(1, what.length))) / 8)
  return self.replaceAll(what, () => by)
}

const PATTERN_CHARS_MAX = 1000

function pattern(source: string, work: Work, chars: number): RE2JS {
  work.spend(source.length)
  const compiled = RE2JS.compile(source.slice(0, PATTERN_CHARS_MAX))
  work.spend(SEARCH_COST + chars * readCost(compiled.programSize()))
  return compiled
}

/** What RE2 refuses: look-around, a group that is not there. */
function reading<T>(use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof WorkSpent) throw error
    throw new TemplateError(`a pattern cannot be used: ${error instanceof Error ? error.message : ''}`, { cause: error })
  }
}

/** What it may grow to is paid before it is made: each match by the replacement, each group by the whole text. */
function replacedAll(self: string, source: string, by: string, work: Work): string {
  return reading(() => {
    const compiled = pattern(source, work, 2 * self.length)
    const matcher = compiled.matcher(self)
    let count = 0
    while (matcher.find()) count++
    work.spend((count * by.length + by.split('$').length * self.length) / 8)
    return compiled.matcher(self).replaceAll(by)
  })
}

function replacedFirst(self: string, source: string, by: string, work: Work): string {
  work.spend((by.split('$').length * self.length) / 8)
  return reading(() => pattern(source, work, self.length).matcher(self).replaceFirst(by))
}

/** Without the empty texts at its end, as Java has it. */
function split(self: string, source: string, work: Work): string[] {
  const pieces = reading(() => [...pattern(source, work, self.length).split(self)])
  work.spend(pieces.length)
  while (pieces.length > 1 && pieces.at(-1) === '') pieces.pop()
  return pieces
}

const LIST = new Map<string, Method<Value[]>>([
  ['size', (self) => self.length],
  ['isEmpty', (self) => self.length === 0],
  ['get', (self, values) => self[whole(values, 0) ?? -1] ?? null],
  ['contains', (self, values, work) => indexIn(self, values[0], work) >= 0],
  ['indexOf', (self, values, work) => indexIn(self, values[0], work)],
  ['add', (self, values) => self.push(values.at(-1) ?? null) > 0],
  ['addAll', (self, values, work) => added(self, values[0], work)],
  ['set', (self, values) => put(self, whole(values, 0), values[1] ?? null)],
  ['remove', (self, values, work) => removed(self, values[0], work)],
  ['subList', (self, values) => self.slice(whole(values, 0) ?? 0, whole(values, 1))],
  ['toString', (self, _, work) => printValue(self, work)],
])

function indexIn(self: readonly Value[], value: Value | undefined, work: Work): number {
  work.spend(self.length)
  return self.indexOf(value ?? null)
}

function added(self: Value[], more: Value | undefined, work: Work): boolean {
  if (!Array.isArray(more)) return false
  work.spend(more.length)
  for (const item of [...more]) self.push(item)
  return more.length > 0
}

function put(self: Value[], at: number | undefined, value: Value): Value {
  if (at === undefined || at < 0 || at >= self.length) return null
  const before = self[at] ?? null
  self[at] = value
  return before
}

function removed(self: Value[], value: Value | undefined, work: Work): Value {
  work.spend(self.length)
  const at = typeof value === 'number' ? value : self.indexOf(value ?? null)
  return at < 0 ? null : (self.splice(at, 1)[0] ?? null)
}

const MAP = new Map<string, Method<Map<string, Value>>>([
  ['size', (self) => self.size],
  ['isEmpty', (self) => self.size === 0],
  ['get', (self, values, work) => self.get(text(values, 0, work)) ?? null],
  ['getOrDefault', (self, values, work) => self.get(text(values, 0, work)) ?? values[1] ?? null],
  ['containsKey', (self, values, work) => self.has(text(values, 0, work))],
  ['containsValue', (self, values, work) => indexIn([...self.values()], values[0], work) >= 0],
  ['put', (self, values, work) => stored(self, text(values, 0, work), values[1] ?? null)],
  ['putAll', (self, values, work) => merged(self, values[0], work)],
  ['remove', (self, values, work) => taken(self, text(values, 0, work))],
  ['keySet', (self, _, work) => listed(self, work).map(([name]) => name)],
  ['values', (self, _, work) => listed(self, work).map(([, value]) => value)],
  ['entrySet', (self, _, work) => listed(self, work).map(([key, value]) => entry(key, value))],
  ['toString', (self, _, work) => printValue(self, work)],
])

function listed(self: ReadonlyMap<string, Value>, work: Work): [string, Value][] {
  work.spend(self.size)
  return [...self]
}

function entry(key: string, value: Value): Value {
  const members = new Map<string, Value>([
    ['key', key],
    ['value', value],
  ])
  return {
    property: (name) => members.get(name),
    method: (name) => members.get(name === 'getKey' ? 'key' : name === 'getValue' ? 'value' : ''),
  }
}

function stored(self: Map<string, Value>, name: string, value: Value): Value {
  const before = self.get(name) ?? null
  self.set(name, value)
  return before
}

function merged(self: Map<string, Value>, more: Value | undefined, work: Work): Value {
  if (more !== undefined && isMap(more)) for (const [name, value] of listed(more, work)) self.set(name, value)
  return null
}

function taken(self: Map<string, Value>, name: string): Value {
  const before = self.get(name) ?? null
  self.delete(name)
  return before
}

const NUMBER = new Map<string, Method<number>>([
  ['intValue', (self) => Math.trunc(self)],
  ['longValue', (self) => Math.trunc(self)],
  ['doubleValue', (self) => self],
  ['toString', (self) => String(self)],
  ['equals', (self, values) => self === values[0]],
  // Static in Java, and called by any number: `#set($n = 0)$n.parseInt("5")`.
  ['parseInt', (_, values, work) => parsed(text(values, 0, work), /^[+-]?\d+$/)],
  ['parseLong', (_, values, work) => parsed(text(values, 0, work), /^[+-]?\d+$/)],
  ['parseDouble', (_, values, work) => parsed(text(values, 0, work), /^[+-]?[\d.]+(?:[eE][+-]?\d+)?$/)],
  ['valueOf', (_, values, work) => parsed(text(values, 0, work), /^[+-]?[\d.]+$/)],
])

const parsed = (digits: string, shape: RegExp): number | null => (shape.test(digits) ? Number(digits) : null)

const BOOLEAN = new Map<string, Method<boolean>>([
  ['toString', (self) => String(self)],
  ['booleanValue', (self) => self],
  ['equals', (self, values) => self === values[0]],
])

export function callMethod(self: Value, name: string, values: readonly Value[], work: Work): Value | undefined {
  work.spend(1)
  if (typeof self === 'string') {
    const found = TEXT.get(name)?.(self, values, work)
    work.spend(self.length / 8)
    return typeof found === 'string' ? spent(found, work) : found
  }
  if (typeof self === 'number') return NUMBER.get(name)?.(self, values, work)
  if (typeof self === 'boolean') return BOOLEAN.get(name)?.(self, values, work)
  if (self === null) return undefined
  if (Array.isArray(self)) return LIST.get(name)?.(self, values, work)
  return isMap(self) ? MAP.get(name)?.(self, values, work) : self.method?.(name, values, work)
}

/** `get(name)` of a map, else what `getName()` and `isName()` tell. */
export function propertyOf(self: Value, name: string, work: Work): Value | undefined {
  work.spend(1)
  if (self === null) return undefined
  if (typeof self === 'object' && !Array.isArray(self)) return isMap(self) ? self.get(name) : self.property?.(name)
  return name === 'empty' || name === 'blank'
    ? callMethod(self, `is${name.charAt(0).toUpperCase()}${name.slice(1)}`, [], work)
    : undefined
}
