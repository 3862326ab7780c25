/** The states of a definition, by path and name, to tell names that it does not have. */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { withoutIndexes } from '../state-path.ts'

import { didYouMean } from './shape.ts'

export interface StateNames {
  /** A sentence where no state is meant by a path or a name; undefined where one is. */
  unknown(name: string): string | undefined
  /** The same for the name of a mock, which may be what a task calls. */
  unknownMock(name: string): string | undefined
}

/** `definition`: JSON text, of a definition that is valid. */
export function stateNamesOf(definition: string): StateNames {
  const paths: string[] = []
  const names = new Set<string>()
  const visit = (machine: Json | undefined, around: string): void => {
    if (!isObject(machine) || !isObject(machine['States'])) return
    for (const [name, state] of Object.entries(machine['States'])) {
      const path = around + name
      paths.push(path)
      names.add(path).add(name)
      if (!isObject(state)) continue
      for (const inner of innerOf(state)) visit(inner, `${path}/`)
    }
  }
  const machine = JSON.parse(definition) as Json
  visit(machine, '')
  const calls = callsOf(machine)

  const unknown = (name: string): string | undefined => {
    const bare = withoutIndexes(name)
    if (names.has(name) || names.has(bare)) return undefined
    return `The workflow has no state '${name}'.${didYouMean(bare, [...names]) || ` It has ${listed(paths)}.`}`
  }
  return {
    unknown,
    unknownMock(name) {
      if (/[*?]/.test(name) || calls.isDynamic || calls.names.has(name)) return undefined
      const problem = unknown(name)
      return problem?.replace('no state', 'no state, and calls nothing, that is named')
    },
  }
}

const innerOf = ({ Branches, ItemProcessor, Iterator: iterator }: JsonObject): readonly (Json | undefined)[] => [
  ...(isArray(Branches) ? Branches : []),
  ItemProcessor ?? iterator,
]

/** Whatever tasks call, by ARN and by its parts. `isDynamic`: a function's name is made while it runs. */
function callsOf(machine: Json): { readonly names: ReadonlySet<string>; readonly isDynamic: boolean } {
  const names = new Set<string>()
  let isDynamic = false
  const visit = (value: Json, member: string): void => {
    if (member === 'FunctionName.$') isDynamic = true
    if (typeof value === 'string') {
      if (/^(?:Arguments|FunctionName)$/.test(member) && value.startsWith('{%')) isDynamic = true
      if (/^(?:Resource|FunctionName)$/.test(member)) for (const name of [value, ...value.split(':')]) names.add(name)
    } else if (isArray(value)) for (const item of value) visit(item, '')
    else if (isObject(value)) for (const [name, inner] of Object.entries(value)) visit(inner, name)
  }
  visit(machine, '')
  return { names, isDynamic }
}

const SHOWN_MAX = 20

const listed = (paths: readonly string[]): string =>
  paths.length > SHOWN_MAX ? `${paths.slice(0, SHOWN_MAX).join(', ')} and ${paths.length - SHOWN_MAX} more` : paths.join(', ')
