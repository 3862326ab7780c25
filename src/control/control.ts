/** All verbs of the service, without HTTP. */
import type { ArnPlace } from '../base/arn.ts'
import type { Breathe } from '../base/breather.ts'
import type { Clock } from '../base/clock.ts'
import type { Limits } from '../base/limits.ts'
import type { Entropy } from '../base/random.ts'

import type { Store } from '../store/contract.ts'

import { createActivities } from './activities.ts'
import type { EngineRoom } from './engine-room.ts'
import { createExecutions } from './executions.ts'
import { createMapRunVerbs } from './map-runs.ts'
import { PageTokens } from './page-token.ts'
import { createStateMachines } from './state-machines.ts'
import { createTags } from './tags.ts'
import { createTestState } from './test-state.ts'
import { createVersions } from './versions.ts'

/** Where execution logs go. */
export interface LogGroups {
  /** False only when the service says that there is none. */
  exists(logGroupArn: string): Promise<boolean>
}

export interface ControlPorts {
  readonly store: Store
  readonly engineRoom: EngineRoom
  readonly clock: Clock
  readonly entropy: Entropy
  readonly limits: Limits
  readonly breathe: Breathe
  readonly place: ArnPlace
  readonly logGroups: LogGroups
  /** 32 secret bytes that stay the same over restarts. */
  readonly pageTokenKey: Buffer
}

export interface Context extends ControlPorts {
  readonly tokens: PageTokens
}

export function createControl(ports: ControlPorts) {
  const context: Context = { ...ports, tokens: new PageTokens(ports.clock, ports.pageTokenKey) }
  const machines = createStateMachines(context)
  return {
    machines,
    executions: createExecutions(context, machines),
    mapRuns: createMapRunVerbs(context),
    activities: createActivities(context),
    versions: createVersions(context, machines),
    tags: createTags(context),
    testState: createTestState(context),
  }
}

export type Control = ReturnType<typeof createControl>
