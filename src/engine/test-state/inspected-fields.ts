/** Which fields of the inspection AWS shows, by state type and query language (recorded: test_state, inspection levels). */
import type { State } from '../../asl/program.ts'

import type { Inspection } from '../inspection.ts'

type Field = keyof Inspection

const MAP: readonly Field[] = ['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage']
const RESULT: readonly Field[] = ['afterResultSelector', 'afterResultPath']

export function inspectedFields(state: State, inspection: Inspection): Inspection {
  const shown: ReadonlySet<string> = new Set(fieldsOf(state))
  return Object.fromEntries(Object.entries(inspection).filter(([name]) => shown.has(name)))
}

function fieldsOf(state: State): readonly Field[] {
  if (state.queryLanguage === 'JSONata') {
    if (state.type === 'Map') return MAP
    return state.type === 'Task' ? ['afterArguments', 'result'] : []
  }
  switch (state.type) {
    case 'Pass':
      return state.result === undefined ? ['afterInputPath', 'afterParameters', ...RESULT] : ['result', ...RESULT]
    case 'Task':
      return ['afterInputPath', 'afterParameters', 'result', ...RESULT]
    case 'Parallel':
      return RESULT
    case 'Map':
      return ['afterInputPath', 'afterItemsPath', 'afterItemsPointer', 'afterItemSelector', 'afterItemBatcher', ...MAP, ...RESULT]
    case 'Choice':
    case 'Wait':
    case 'Succeed':
    case 'Fail':
      return ['afterInputPath']
  }
}
