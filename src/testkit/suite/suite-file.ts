/**
 * Reads a file of suites: YAML or JSON, which is one suite, or TypeScript or JavaScript, whose default export is one or a list of them.
 * What is wrong is told at its place; of code the place is where a case's name stands.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { type Position, positionsIn } from '../../source/position.ts'
import { readEither, readSource, type Source, withoutMark } from '../../source/source.ts'
import { duplicateMembers, jsonOf, type Key, nearestPlace } from '../../source/tree.ts'

import type { Finding } from './result.ts'
import { SUITE_SCHEMA } from './schema.ts'
import { shapeProblems } from './shape.ts'
import type { Suite } from './suite.ts'
import { messageOf } from '../kit-error.ts'

export interface SuiteFile {
  /** As it was given. */
  readonly file: string
  readonly suites: readonly LocatedSuite[]
  readonly findings: readonly Finding[]
}

export interface LocatedSuite {
  readonly file: string
  readonly suite: Suite
  /** Whether it is code: what it says is told in TypeScript's words. */
  readonly isCode: boolean
  placeOf(path: readonly Key[]): Position | undefined
}

/** Never rejects: what is wrong with the file is in the findings. */
export async function readSuiteFile(file: string): Promise<SuiteFile> {
  try {
    const text = withoutMark(await readFile(file, 'utf8'))
    return /s$/.test(file) ? await loadCode(file, text) : readText(file, text)
  } catch (error) {
    return { file, suites: [], findings: [{ file, message: `The file cannot be read: ${messageOf(error)}` }] }
  }
}

function readText(file: string, text: string): SuiteFile {
  const source = /\.json$/.test(file) ? readSource(text, 'JSON') : readEither(text)
  const positionAt = positionsIn(text)
  const wrong = (offset: number, message: string): SuiteFile => ({
    file,
    suites: [],
    findings: [{ file, position: positionAt(offset), message }],
  })
  const [problem] = source.problems
  if (problem) return wrong(problem.from, sentence(problem.message))
  if (!source.root) return wrong(0, 'The suite is empty. It needs a definition and cases.')
  // Those of YAML are problems already.
  const [twice] = duplicateMembers(source.root)
  if (twice) return wrong(twice.member.nameRange.from, `'${twice.member.name}' stands here twice.`)
  return checked(file, [jsonOf(source.root)], false, (_, path) => placeIn(source, positionAt, path))
}

function placeIn({ root }: Source, positionAt: (offset: number) => Position, path: readonly Key[]): Position | undefined {
  const { place } = nearestPlace(root, path)
  return place && positionAt(place.range.from)
}

async function loadCode(file: string, text: string): Promise<SuiteFile> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown }
  if (module.default === undefined) {
    const message = 'The file has no default export. Let it say: export default { file: …, cases: […] } satisfies Suite'
    return { file, suites: [], findings: [{ file, message }] }
  }
  const values: readonly unknown[] = Array.isArray(module.default) ? module.default : [module.default]
  return checked(file, values, true, (value, path) => placeInCode(text, value, path))
}

/** Where the name of the case stands; undefined where it is made by code. */
function placeInCode(text: string, suite: unknown, path: readonly Key[]): Position | undefined {
  const [member, index] = path
  if (member !== 'cases' || typeof index !== 'number') return undefined
  const name = (suite as Suite).cases?.[index]?.name
  const at =
    typeof name === 'string' ? ["'", '"', '`'].map((quote) => text.indexOf(quote + name + quote)).find((i) => i >= 0) : -1
  return at === undefined || at < 0 ? undefined : positionsIn(text)(at)
}

type PlaceOf = (value: unknown, path: readonly Key[]) => Position | undefined

function checked(file: string, values: readonly unknown[], isCode: boolean, placeOf: PlaceOf): SuiteFile {
  const findings: Finding[] = []
  const suites: LocatedSuite[] = []
  for (const value of values) {
    const isForeign = (member: unknown, $ref: string): boolean => isCode && $ref === '#/$defs/mock' && isMade(member)
    const problems = shapeProblems(value, SUITE_SCHEMA, { isForeign })
    for (const { path, message } of problems) findings.push(at(file, placeOf(value, path), message))
    if (problems.length > 0) continue
    // The shape has been checked.
    suites.push({ file, suite: value as Suite, isCode, placeOf: (path) => placeOf(value, path) })
  }
  return { file, suites, findings }
}

/** `mock.return(…)`, or a function. */
const isMade = (value: unknown): boolean =>
  typeof value === 'function' || (typeof value === 'object' && value !== null && 'kind' in value)

export const at = (file: string, position: Position | undefined, message: string): Finding => ({
  file,
  ...(position && { position }),
  message,
})

/** Without what a reader of Java tells of its own places. */
function sentence(text: string): string {
  const plain = text.replace(/ \(start marker .*$/s, '')
  return /[.!?]$/.test(plain) ? plain : `${plain}.`
}
