/**
 * Reads a JSONPath as Jayway 2.0.0 does, which AWS runs: name by name, without a grammar. A dot name ends at `.`, `[` or a
 * space; a bracket ends at its `]`, quotes or not; what a bracket means is decided by the first telling character in it.
 * Nothing is an escape in a name. Roots: `$` input, `$$` context object, `$name` variable.
 */
import { javaTrim } from '../java-text.ts'
import type { PathAst, PathRoot, Step } from './ast.ts'
import { bracketEnd, readBracket } from './bracket.ts'
import { SyntaxFault } from './cursor.ts'
import type { ReadSteps } from './filter-parser.ts'

/** More steps than any document has levels worth naming; keeps the compiled chain within the call stack. */
export const STEPS_MAX = 1000

const VARIABLE_NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy
const DOT_NAME_END = /[.[ ]/g

/** Reads the whole text as a path. Throws SyntaxFault. */
export function parsePath(text: string): PathAst {
  const path = javaTrim(text)
  if (!path.startsWith('$')) throw new SyntaxFault("a JSONPath starts with '$'", 0)
  const [root, at] = readRoot(path, 1)
  return { root, steps: readSteps(path, at, readOperandSteps) }
}

function readRoot(text: string, at: number): [PathRoot, number] {
  if (text[at] === '$') return [{ kind: 'context' }, at + 1]
  VARIABLE_NAME.lastIndex = at
  const name = VARIABLE_NAME.exec(text)?.[0]
  return name === undefined ? [{ kind: 'input' }, at] : [{ kind: 'variable', name }, at + name.length]
}

/** The steps of a path in a filter; no such path may hold a filter itself. */
const readOperandSteps: ReadSteps = (text) => readSteps(text, 1, undefined)

/** Reads the steps behind a root, from `start` to the end. */
function readSteps(text: string, start: number, readOperand: ReadSteps | undefined): Step[] {
  if (text.endsWith('..')) throw new SyntaxFault("a path must not end with '..'", text.length)
  if (start < text.length && text[start] !== '.' && text[start] !== '[')
    throw new SyntaxFault(`unexpected character '${text[start]}' behind the root`, start)
  const steps: Step[] = []
  let at = start
  while (at < text.length) {
    if (steps.length >= STEPS_MAX) throw new SyntaxFault(`a path has at most ${STEPS_MAX} steps`, at)
    const [step, end] = readStep(text, at, readOperand)
    if (step !== undefined) steps.push(step)
    at = end
  }
  return steps
}

/** One step, if there is one, and where it ends: `.` before a bracket is none. */
function readStep(text: string, at: number, readOperand: ReadSteps | undefined): [Step | undefined, number] {
  switch (text[at]) {
    case ' ':
      throw new SyntaxFault('a path has no spaces outside of brackets', at)
    case '$':
      return [{ type: 'root' }, at + 1]
    case '*':
      return [{ type: 'wildcard' }, at + 1]
    case '[': {
      const end = bracketEnd(text, at)
      return [readBracket(text.slice(at, end), at, readOperand), end]
    }
    case '.':
      return text[at + 1] === '.' ? [{ type: 'scan' }, at + 2] : readDotName(text, at + 1, readOperand)
    default:
      return readDotName(text, at, readOperand)
  }
}

function readDotName(text: string, at: number, readOperand: ReadSteps | undefined): [Step | undefined, number] {
  if (at >= text.length) throw new SyntaxFault("a path must not end with '.'", at)
  DOT_NAME_END.lastIndex = at
  const end = DOT_NAME_END.exec(text)?.index ?? text.length
  const name = text.slice(at, end)
  if (name === '') return [undefined, end]
  if (name === '*') return [{ type: 'wildcard' }, end]
  // Jayway puts the name into a bracket of its own: a quote or a `]` in it means there what it means in any bracket.
  return [/['\]]/.test(name) ? readBracket(`['${name}']`, at, readOperand) : { type: 'property', names: [name] }, end]
}
