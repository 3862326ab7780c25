/** `regente-ignore CODE, CODE` in the Comment of a state, or of the machine for all of them: that advice is not given. */
import { getOwn, type JsonObject } from '../base/json.ts'

import type { Diagnostic } from './diagnostic.ts'
import type { Machine } from './walk.ts'

const DIRECTIVE = /\bregente-ignore\b:?\s+([A-Z_]+(?:\s*,\s*[A-Z_]+)*)/g

/** True for what somebody has asked not to hear. Errors are always told. */
export function silencer(machine: Machine, everywhere: ReadonlySet<string>): (diagnostic: Diagnostic) => boolean {
  const whole = new Set([...everywhere, ...codesIn(machine.document)])
  const states = machine.states.flatMap(({ document, at }) => {
    const codes = codesIn(document)
    return codes.length > 0 ? [{ at, codes: new Set(codes) }] : []
  })
  return ({ severity, code, location = '' }) =>
    severity === 'WARNING' &&
    (whole.has(code) || states.some(({ at, codes }) => codes.has(code) && (location === at || location.startsWith(`${at}/`))))
}

function codesIn(holder: JsonObject): string[] {
  const comment = getOwn(holder, 'Comment')
  if (typeof comment !== 'string') return []
  return [...comment.matchAll(DIRECTIVE)].flatMap(([, list = '']) => list.split(',').map((code) => code.trim()))
}
