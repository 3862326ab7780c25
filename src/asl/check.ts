/**
 * All that is wrong with a definition, in AWS's codes, texts and places: the rules in their order, then what the compiler
 * cannot bind. Every fault is told, up to a bound. Source: API reference, ValidateStateMachineDefinition.
 */
import { nestsWithin } from '../base/json-bounds.ts'
import { isObject, type Json } from '../base/json.ts'
import { finish, type Slices } from '../base/slices.ts'

import { findJsonSyntaxError, jacksonLocation, readJson } from '../source/json.ts'
import { duplicateMembers, type Key, placeOf } from '../source/tree.ts'

import { compileSlices } from './compile.ts'
import type { Diagnostic } from './diagnostic.ts'
import { pathOfLocation } from './document/location.ts'
import { Expressions, compileAhead } from './expressions.ts'
import { DUPLICATE_KEY, RULES } from './rules/index.ts'
import { Findings, SCHEMA } from './rules/rule.ts'
import { silencer } from './silence.ts'
import { visitMachine } from './walk.ts'

export interface CheckOptions {
  readonly type: 'STANDARD' | 'EXPRESS'
  /** Regente's own warnings too, which AWS does not give. */
  readonly advice?: boolean
  /** Codes of warnings that are not wanted. */
  readonly ignore?: readonly string[]
}

const DIAGNOSTICS_MAX = 1_000

export const checkDefinition = (text: string, options: CheckOptions): readonly Diagnostic[] => finish(checkSlices(text, options))

/** The same in slices: a definition of a megabyte takes long. */
export function* checkSlices(text: string, { type, advice = false, ignore = [] }: CheckOptions): Slices<readonly Diagnostic[]> {
  const document = parse(text)
  if ('problem' in document) return [document.problem]
  if (!isObject(document.value)) return [NO_OBJECT]
  const expressions = new Expressions()
  yield* compileAhead(document.value, expressions)
  const machine = visitMachine(document.value, type, expressions)
  yield
  const findings = new Findings()
  for (const rule of RULES) {
    if (rule.isAdvice && !advice) continue
    rule.check(machine, findings)
    yield
  }
  if (advice) adviseOnDuplicates(text, findings)
  const isSilent = silencer(machine, new Set(ignore))
  const found = findings.found.filter((diagnostic) => !isSilent(diagnostic))
  const compiled = yield* compileSlices(text, expressions)
  if (!compiled.ok) insertUnbound(found, compiled.error, text)
  return found.slice(0, DIAGNOSTICS_MAX)
}

const NO_OBJECT: Diagnostic = {
  severity: 'ERROR',
  code: SCHEMA,
  message: 'Definition must be a valid JSON object',
}

/**
 * Behind the errors: what the compiler cannot bind, but for what a rule has spoken of, or of a part of it, and for what is not
 * even written.
 */
function insertUnbound(found: Diagnostic[], unbound: readonly Diagnostic[], text: string): void {
  const behind = found.findLastIndex(({ severity }) => severity === 'ERROR') + 1
  const errors = found.slice(0, behind)
  const { root } = errors.length === 0 ? { root: undefined } : readJson(text)
  const told = errors.map(({ location = '' }) => location)
  const isTold = (place: string) =>
    told.some((one) => one === place || (one.startsWith(place) && /[/[]/.test(one.charAt(place.length))))
  const isNews = ({ location = '' }: Diagnostic) =>
    !isTold(location) && (root === undefined || placeOf(root, pathOfLocation(root, location)) !== undefined)
  found.splice(behind, 0, ...unbound.filter(isNews))
}

function parse(text: string): { readonly value: Json } | { readonly problem: Diagnostic } {
  if (!nestsWithin(text))
    return { problem: { severity: 'ERROR', code: 'TOO_DEEPLY_NESTED', message: 'The definition is nested too deeply.' } }
  if (text.trim() === '') return { problem: NO_OBJECT }
  try {
    return { value: JSON.parse(text) as Json }
  } catch {
    const error = findJsonSyntaxError(text)
    const location = jacksonLocation(text, error)
    return { problem: invalidJson(`${error.message}\n at ${location}`, location) }
  }
}

function adviseOnDuplicates(text: string, findings: Findings): void {
  const { root } = readJson(text)
  for (const { path, member } of root ? duplicateMembers(root) : []) {
    const message = `The member '${member.name}' stands here more than once; only the last one counts.`
    findings.warning(DUPLICATE_KEY, message, path.map(locationPart).join('') || '/')
  }
}

const locationPart = (key: Key): string => (typeof key === 'number' ? `[${key}]` : `/${key}`)

const invalidJson = (message: string, location?: string): Diagnostic => ({
  severity: 'ERROR',
  code: 'INVALID_JSON_DESCRIPTION',
  message,
  ...(location !== undefined && { location }),
})
