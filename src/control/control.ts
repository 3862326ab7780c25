/** All operations of the service, without HTTP. */
import { createActivities } from './activities.ts'
import type { Context, ControlPorts } from './context.ts'
import { createExecutions } from './executions.ts'
import { createMapRuns } from './map-runs.ts'
import { PageTokens } from './page-token.ts'
import { createStateMachines } from './state-machines.ts'
import { createTags } from './tags.ts'
import { createTestState } from './test-state.ts'
import { createVersions } from './versions.ts'

export function createControl(ports: ControlPorts) {
  const context: Context = { ...ports, tokens: new PageTokens(ports.clock, ports.pageTokenKey) }
  const machines = createStateMachines(context)
  return {
    machines,
    executions: createExecutions(context, machines),
    mapRuns: createMapRuns(context),
    activities: createActivities(context),
    versions: createVersions(context, machines),
    tags: createTags(context),
    testState: createTestState(context),
  }
}

export type Control = ReturnType<typeof createControl>
