/** What Express machines, and Express children of distributed Maps, cannot do: wait for others (recorded: api_express). */
import { getOwn } from '../../base/json.ts'

import type { UntypedState } from '../document/written.ts'
import { innerBlocks } from '../walk.ts'
import { type Rule, SCHEMA } from './rule.ts'

export const express: Rule = {
  codes: [SCHEMA],
  check({ type, states }, report) {
    for (const state of states) {
      const child = state.block.distributed
      if (child ? getOwn(child, 'ExecutionType') !== 'EXPRESS' : type !== 'EXPRESS') continue
      const refuse = (what: string, field: string) =>
        report.error(SCHEMA, `Express state machine does not support ${what}`, `${state.at}/${field}`)
      if (innerBlocks(state).some(({ config }) => config)) refuse("'DISTRIBUTED' Map", 'ItemProcessor/ProcessorConfig')
      const { Resource: resource }: UntypedState = state.document
      if (typeof resource !== 'string') continue
      // The space behind `integration` is AWS's.
      if (/\.sync(:2)?$/.test(resource)) refuse("'.sync' service integration ", 'Resource')
      else if (resource.endsWith('.waitForTaskToken')) refuse("'.waitForTaskToken' service integration ", 'Resource')
      else if (resource.includes(':activity:')) refuse('Activity ARN', 'Resource')
    }
  },
}
