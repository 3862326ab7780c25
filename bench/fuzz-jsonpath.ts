/**
 * Random JSONPaths, asked of Jayway 2.0.0 itself and of Regente; prints what differs, as lines for
 * `src/expr/jsonpath/jayway-more.jsonl`. Needs Debian's packages: apt-get install default-jdk-headless libjsonpath-java
 * libjson-smart-java libjackson2-databind-java.
 * Run: node_modules/.bin/node bench/fuzz-jsonpath.ts [RUNS, default 20000] [SEED, default the clock] [--all: prints all rows]
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Json } from '../src/base/json.ts'
import { compilePath } from '../src/expr/jsonpath/path.ts'

const JARS = 'json-path json-smart accessors-smart asm slf4j-api jackson-core jackson-databind jackson-annotations'
const classPath = JARS.split(' ').map((name) => `/usr/share/java/${name}.jar`)

const [runs = '20000', seedText = String(Date.now() % 2 ** 31)] = process.argv.slice(2).filter((each) => !each.startsWith('--'))
const isAll = process.argv.includes('--all')
let state = Number(seedText) >>> 0

/** mulberry32 */
function next(): number {
  state = (state + 0x6d2b79f5) >>> 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
const below = (count: number): number => Math.floor(next() * count)
const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T
const often = (chance: number): boolean => next() < chance

const NAMES = ['a', 'b', 'c', 'a', 'b', 'c', 'length', "it's", 'a b', 'x-y', 'é', '1', '__proto__', '$', 'a.b', 'a]b', 'null']
const SCALARS: Json[] = [0, 1, 2, -1, 1.5, 12, '1', '1.5', 'a', 'foo', '', 'null', 'true', "it's", 'a b', true, false, null]

function data(depth: number): Json {
  if (depth <= 0 || often(0.25)) return pick(SCALARS)
  if (often(0.5)) return Array.from({ length: below(4) }, () => data(depth - 1))
  return Object.fromEntries(Array.from({ length: below(4) }, () => [pick(NAMES), data(depth - 1)]))
}

const name = (): string => pick(['a', 'b', 'c', 'a', 'b', pick(NAMES)])
const number = (): number => pick([0, 1, 2, -1, -2, 3, 0, 1, -3, 5])
const blank = (): string => (often(0.05) ? ' ' : '')
const definite: (() => string)[] = [
  () => `.${name()}`,
  () => `.${name()}`,
  () => `['${name()}']`,
  () => `[${blank()}${number()}${blank()}]`,
  () => `['${name()}',${blank()}'${name()}']`,
  () => `[(@.${pick(['length', 'size()', 'length()', 'size', 'count'])}${blank()}-${blank()}${below(4)})]`,
  () => `.['${name()}']`,
  () => `["${name()}"]`,
]
const indefinite: (() => string)[] = [
  () => pick(['[*]', '.*', '[*]', '[ * ]']),
  () => `..${pick([name(), '*', '*', `['${name()}']`, `[${number()}]`, '[*]', filter(), `[${number()}:]`])}`,
  () => `[${number()},${blank()}${number()}]`,
  () => `[${number()}:]`,
  () => `[:${number()}]`,
  () => `[${number()}:${number()}]`,
  () =>
    `[${pick(['::2', '1::2', '0:3:2', ':', ',1', '1,', '--1', '1 2', '1a', 'a1', '?', '?,?', '-', '1:x', '1:2,3', '0,1:2'])}]`,
  filter,
  filter,
]
const operandPath = (): string =>
  `${pick(['@', '@', '@', '@', '$'])}${Array.from({ length: pick([0, 1, 1, 1, 1, 2]) }, () => pick(definite)()).join('')}${often(0.03) ? '[*]' : ''}`
const literal = (): string => {
  const text = String(pick(SCALARS))
  return pick([text, text, `'${text}'`, `'${text.replaceAll("'", "\\'")}'`, `"${text}"`, pattern()])
}
const pattern = (): string =>
  `/${pick(['a', '.*', 'F.*', '[a-f]+', '', '1.*', '\\d+', '(a|b)', 'a b', '\\/'])}/${pick(['', 'i', '', 'x'])}`
const operand = (): string => (often(0.6) ? operandPath() : literal())
function criterion(): string {
  const kind = next()
  if (kind < 0.2) return `${pick(['', '', '!', '!!'])}${operandPath()}`
  if (kind < 0.3) return `${operandPath()} =~ ${pick([pattern(), pattern(), literal()])}`
  const operator = pick(['==', '!=', '<', '<=', '>', '>=', '==', '!=', '=', '===', ' in ', ' size ', '=~'])
  return `${operand()}${blank()}${operator}${blank()}${operand()}`
}
function filter(): string {
  let text = criterion()
  while (often(0.3))
    text += `${blank()}${pick(['&&', '||', ' && ', ' || ', '&', '&&&'])}${blank()}${often(0.1) ? `(${criterion()})` : criterion()}`
  return `[${blank()}?${blank()}(${text}${pick(['', '', '', ' '])})]`
}
const ALPHABET = [...'.[]()\'"*?@$:,-0123abc &|=<>!~/\\ ']
function mutate(text: string): string {
  const at = 1 + below(text.length)
  const kind = below(3)
  if (kind === 0) return text.slice(0, at) + pick(ALPHABET) + text.slice(at)
  if (kind === 1) return text.slice(0, at) + text.slice(at + 1)
  return text.slice(0, at) + pick(ALPHABET) + text.slice(at + 1)
}
function path(): string {
  if (often(0.03)) return `$${Array.from({ length: below(9) }, () => pick(ALPHABET)).join('')}`
  let text = '$'
  for (let i = below(5); i >= 0; i--) text += often(0.5) ? pick(definite)() : pick(indefinite)()
  while (often(0.15)) text = mutate(text)
  return text
}

interface Answer {
  readonly value?: Json
  readonly error?: string
  readonly refused?: string
}

function ask(text: string, input: Json): Answer {
  const compiled = compilePath(text)
  if (!compiled.ok) return { refused: compiled.error.message }
  const found = compiled.value.selectIn(input)
  return found.ok ? { value: found.value } : { error: found.error.missing }
}

/** Java's own words for what it cannot cast or read are not ours. */
const say = (error: string): string =>
  /^(?:ClassCast|NullPointer|NumberFormat|ArrayIndex|Illegal)\w+: /.test(error) ? 'Java' : error.replace(/^\w+: /, '')

function isSame(theirs: Answer, ours: Answer): boolean {
  if (theirs.refused !== undefined) return ours.refused !== undefined
  if (theirs.error !== undefined)
    return ours.error !== undefined && (say(theirs.error) === 'Java' || say(theirs.error) === ours.error)
  return JSON.stringify(theirs.value) === JSON.stringify(ours.value)
}

const classes = mkdtempSync(join(tmpdir(), 'jayway-'))
execFileSync('javac', ['-cp', classPath.join(':'), '-d', classes, join(import.meta.dirname, 'jayway/Oracle.java')])
const questions = Array.from({ length: Number(runs) }, () => {
  const row: [string, Json] = [path(), data(4)]
  // JSON's own reading order: an object is asked as both sides read it.
  return [row[0], JSON.parse(JSON.stringify(row[1])) as Json] as const
}).filter(([text]) => !/^\$[\p{L}\w$]/u.test(text))
const answers = execFileSync('java', ['-cp', [...classPath, classes].join(':'), 'Oracle'], {
  input: `${questions.map((row) => JSON.stringify(row)).join('\n')}\n`,
  encoding: 'utf8',
  maxBuffer: 2 ** 30,
  stdio: ['pipe', 'pipe', 'ignore'],
})
rmSync(classes, { recursive: true })
const counts = { rows: 0, values: 0, errors: 0, refusals: 0, differ: 0 }
for (const [i, line] of answers.trim().split('\n').entries()) {
  const [text, input] = questions[i] as (typeof questions)[number]
  const theirs = JSON.parse(line) as Answer
  const ours = ask(text, input)
  const differs = !isSame(theirs, ours)
  counts.rows++
  counts[theirs.refused !== undefined ? 'refusals' : theirs.error !== undefined ? 'errors' : 'values']++
  if (differs) counts.differ++
  if (differs || isAll) console.log(JSON.stringify({ path: text, data: input, ...theirs, ...(isAll ? {} : { ours }) }))
}
console.error(`seed ${seedText}`, counts)
process.exitCode = counts.differ > 0 ? 1 : 0
