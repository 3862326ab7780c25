/** A path into the output of a Pass whose Result is written out, where that Result has no such member: it fails every time. */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { UntypedState } from '../document/written.ts'
import type { Expressions } from '../expressions.ts'
import { transitionsOf, type VisitedBlock, type VisitedState } from '../walk.ts'
import type { Rule } from './rule.ts'

const PATHS = ['InputPath', 'ItemsPath', 'SecondsPath', 'TimestampPath', 'TimeoutSecondsPath', 'HeartbeatSecondsPath']

export const impossiblePath: Rule = {
  codes: ['IMPOSSIBLE_PATH'],
  isAdvice: true,
  check({ blocks, expressions }, report) {
    for (const block of blocks) {
      for (const state of block.states) {
        const input = knownInput(state, block)
        if (input === undefined || state.language === 'JSONata') continue
        for (const { path, at } of pathsOf(state)) {
          if (!isPossible(expressions, path, input))
            report.warning(
              'IMPOSSIBLE_PATH',
              `Nothing is ever found at '${path}': the state before puts out a fixed Result without it.`,
              at,
            )
        }
      }
    }
  },
}

/** The state's input, when the one state that leads to it always puts out the same. */
function knownInput(state: VisitedState, { states, document }: VisitedBlock): Json | undefined {
  if (document.StartAt === state.name) return undefined
  const before = states.filter((one) => transitionsOf(one.document).some(({ to }) => to === state.name))
  const [only] = before
  if (!only || before.length > 1 || only.language === 'JSONata' || only.document.Type !== 'Pass') return undefined
  const { ResultPath: resultPath, OutputPath: outputPath } = only.document
  const isWhole = (path: Json | undefined) => path === undefined || path === '$'
  return isWhole(resultPath) && isWhole(outputPath) ? only.document.Result : undefined
}

function pathsOf({ document, at }: VisitedState): readonly { readonly path: string; readonly at: string }[] {
  const found = PATHS.flatMap((name) => pathAt(document, name, at))
  const { Parameters: parameters }: UntypedState = document
  // Parameters see what InputPath lets through.
  if (Object.hasOwn(document, 'InputPath') || !isObject(parameters)) return found
  return [
    ...found,
    ...Object.keys(parameters)
      .filter((name) => name.endsWith('.$'))
      .flatMap((name) => pathAt(parameters, name, `${at}/Parameters`)),
  ]
}

function pathAt(holder: JsonObject, name: string, at: string): { readonly path: string; readonly at: string }[] {
  const path = getOwn(holder, name)
  return typeof path === 'string' && /^\$(?!\$)/.test(path) ? [{ path, at: `${at}/${name}` }] : []
}

function isPossible(expressions: Expressions, text: string, input: Json): boolean {
  const compiled = expressions.path(text)
  if (!compiled.ok || compiled.value.variables().length > 0) return true
  const scope = { input, context: () => null, states: () => null, variable: () => undefined, draws: NO_DRAWS }
  return compiled.value.select(scope).ok
}

const NO_DRAWS = { uuid: () => '', next: () => 0, now: 0 }
