/**
 * Names that Assign may give, and scopes: an inner block may not assign what an outer one has.
 * Source: developer guide, "Passing data between states with variables".
 */
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'

import type { VisitedBlock, VisitedState } from '../walk.ts'
import { type Rule, SCHEMA } from './rule.ts'

const NAME = /^[\p{ID_Start}_][\p{ID_Continue}_]*$/u
const CHARS_MAX = 80

export const variables: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    const names = new Map<VisitedState, ReadonlySet<string>>()
    const assigned = (state: VisitedState) => {
      const known = names.get(state) ?? new Set(assignedBy(state).map(({ name }) => name))
      names.set(state, known)
      return known
    }
    for (const state of states) {
      for (const { name, at } of assignedBy(state)) {
        if (!NAME.test(name) || name.length > CHARS_MAX)
          report.error(
            SCHEMA,
            `Variable name '${name}' is not valid: letters, digits and '_', at most ${CHARS_MAX} characters`,
            at,
          )
        else if (name === 'states') report.error(SCHEMA, "Variable name 'states' is reserved", at)
        else if (outerStates(state.block).some((outer) => assigned(outer).has(name)))
          report.error(SCHEMA, `Variable '${name}' is assigned in an outer scope already`, at)
      }
    }
  },
}

/**
 * The states around a block whose variables it may see: not those around a distributed Map, and not the Parallel or Map
 * itself, which assigns once the block is done (recorded: states_variables, parallel catch error variable sampling).
 */
function outerStates(block: VisitedBlock): VisitedState[] {
  const outer: VisitedState[] = []
  for (let at = block; at.parent && at.distributed === at.parent.block.distributed; at = at.parent.block) {
    const { parent } = at
    outer.push(...parent.block.states.filter((state) => state !== parent))
  }
  return outer
}

interface Assigned {
  readonly name: string
  readonly at: string
}

/** All names that a state assigns: its own Assign, those of its rules and of its catchers (they count in the state's block). */
export function assignedBy({ document, at, language }: VisitedState): readonly Assigned[] {
  const inList = (field: string) => {
    const list = getOwn(document, field)
    return (isArray(list) ? list : []).flatMap((item, i) => (isObject(item) ? namesOf(item, `${at}/${field}[${i}]`) : []))
  }
  const namesOf = (holder: JsonObject, place: string): Assigned[] => {
    const assign = getOwn(holder, 'Assign')
    if (!isObject(assign)) return []
    return Object.keys(assign).map((key) => ({
      name: language === 'JSONPath' ? key.replace(/\.\$$/, '') : key,
      at: `${place}/Assign/${key}`,
    }))
  }
  return [...namesOf(document, at), ...inList('Choices'), ...inList('Catch')]
}
