/**
 * Reads a filter `[?(…)]` as Jayway 2.0.0 does: cut at every `&&` and `||`, parentheses around the pieces dropped, each piece
 * cut at its first operator. So groups do not group, nothing but `!@.a` negates, and word operators (`in`, `size`…) are
 * no operators. What is no path, no text in single quotes and no pattern stands for itself.
 */
import { javaTrim } from '../java-text.ts'
import {
  type Criterion,
  type Filter,
  isDefinite,
  type Operand,
  type OperandPath,
  OPERATORS,
  type Operator,
  type Step,
} from './ast.ts'
import { SyntaxFault } from './cursor.ts'

/** Reads the steps behind `@` or `$`, the first character of `text`; handed in by the path parser, which alone knows steps. */
export type ReadSteps = (text: string) => Step[]

interface Reader {
  readonly readSteps: ReadSteps
  fail(message: string): never
}

/** `at` is the question mark's place in `bracket`, `offset` the bracket's in the path. Throws SyntaxFault. */
export function readFilter(bracket: string, at: number, offset: number, readSteps: ReadSteps): Filter {
  const fail = (message: string): never => {
    throw new SyntaxFault(message, offset)
  }
  const start = bracket.lastIndexOf('[', at)
  const end = filterEnd(bracket, start) ?? fail('the filter is not closed')
  const inner = javaTrim(bracket.slice(start + 1, end - 1))
  const body = inner.startsWith('?') ? javaTrim(inner.slice(1)) : fail("expected '?('")
  if (!body.startsWith('(') || !body.endsWith(')')) fail("expected '?(…)'")
  return readAlternatives(javaTrim(body.slice(1, -1)), { readSteps, fail })
}

/** Behind the first `]` outside of parentheses and single quotes; undefined when brackets are left open. */
function filterEnd(bracket: string, start: number): number | undefined {
  let isQuoted = false
  let parentheses = 0
  let brackets = 0
  for (let i = start; i < bracket.length; i++) {
    const char = bracket[i]
    if (char === "'" && (i === start || bracket[i - 1] !== '\\')) isQuoted = !isQuoted
    if (isQuoted) continue
    if (char === '(') parentheses++
    else if (char === ')') parentheses--
    else if (char === '[') brackets++
    else if (char === ']') {
      brackets--
      if (parentheses === 0) return brackets === 0 ? i + 1 : undefined
    }
  }
  return undefined
}

/** More than anybody writes; keeps the reading of a definition short. */
const CRITERIA_MAX = 1000

function readAlternatives(text: string, reader: Reader): Filter {
  const pieces = text.split(/(&&|\|\|)/)
  if (pieces.length > 2 * CRITERIA_MAX) reader.fail(`a filter has at most ${CRITERIA_MAX} comparisons`)
  const alternatives: Criterion[][] = []
  let terms: Criterion[] = []
  for (let i = pieces.length - 1; i >= 0; i -= 2) {
    const piece = pieces[i] ?? ''
    const operator = pieces[i - 1]
    if (operator !== undefined && piece.startsWith(operator.charAt(0))) reader.fail(`unexpected '${operator.charAt(0)}'`)
    terms.push(readCriterion(piece, reader))
    if (operator === '&&') continue
    alternatives.push(terms)
    terms = []
  }
  return alternatives
}

function readCriterion(piece: string, reader: Reader): Criterion {
  const text = trimChars(trimChars(javaTrim(piece), '[?( ', true), ') ', false)
  if (text === '') reader.fail('expected a path or a comparison')
  const operator = OPERATORS.find((each) => text.includes(each))
  if (operator !== undefined) return readComparison(text, operator, reader)
  const isNegated = text.startsWith('!@')
  const path = readOperandPath(isNegated ? text.slice(1) : text, reader)
  return path === undefined ? reader.fail('expected a path or a comparison') : { type: 'exists', path, isNegated }
}

function readComparison(text: string, operator: Operator, reader: Reader): Criterion {
  const at = text.indexOf(operator)
  const left = javaTrim(text.slice(0, at))
  const right = javaTrim(text.slice(at + operator.length))
  if (right.startsWith('!@')) reader.fail('only the existence of a path may be negated')
  return {
    type: 'compare',
    left: readOperand(left.startsWith('!@') ? left.slice(1) : left, reader),
    operator,
    right: readOperand(right, reader),
  }
}

function readOperand(text: string, reader: Reader): Operand {
  const path = readOperandPath(text, reader)
  if (path !== undefined) return { type: 'path', path }
  if (text.startsWith("'") && text.endsWith("'"))
    return text.length < 2 ? reader.fail('the quote is not closed') : { type: 'literal', text: text.slice(1, -1) }
  if (!/^\/(?:.*\/)?i?$/s.test(text)) return { type: 'literal', text }
  const end = text.lastIndexOf('/')
  return end === 0
    ? reader.fail('the pattern is not closed')
    : { type: 'pattern', source: text.slice(1, end), ignoresCase: text.endsWith('i') }
}

function readOperandPath(text: string, reader: Reader): OperandPath | undefined {
  if (!text.startsWith('@') && !text.startsWith('$')) return undefined
  const steps = readSteps(text, reader)
  return { text, root: text.startsWith('@') ? 'item' : 'document', steps }
}

function readSteps(text: string, reader: Reader): Step[] {
  try {
    const steps = reader.readSteps(text)
    return isDefinite(steps) ? steps : reader.fail('a path in a filter must be definite')
  } catch (error) {
    if (error instanceof SyntaxFault) reader.fail(error.message)
    throw error
  }
}

function trimChars(text: string, chars: string, isStart: boolean): string {
  let [start, end] = [0, text.length]
  if (isStart) while (start < end && chars.includes(text.charAt(start))) start++
  else while (end > start && chars.includes(text.charAt(end - 1))) end--
  return text.slice(start, end)
}
