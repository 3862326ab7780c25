/** What the operations stand on. */
import type { ArnScope } from '../base/arn.ts'
import type { Breathe } from '../base/breather.ts'
import type { Clock } from '../base/clock.ts'
import type { Limits } from '../base/limits.ts'
import type { Entropy } from '../base/random.ts'

import type { Store } from '../store/contract.ts'

import type { ExecutionPort } from './execution-port.ts'
import type { TaskMocks } from './mock-config/task-mocks.ts'
import type { PageTokens } from './page-token.ts'

/** Where execution logs go. */
export interface LogGroups {
  /** False only when the service says that there is none. */
  exists(logGroupArn: string): Promise<boolean>
}

export interface ControlPorts {
  readonly store: Store
  readonly executionPort: ExecutionPort
  readonly clock: Clock
  readonly entropy: Entropy
  readonly limits: Limits
  readonly breathe: Breathe
  readonly arnScope: ArnScope
  readonly logGroups: LogGroups
  /** For starts that name a test case; without it there are none. */
  readonly mocks?: TaskMocks | undefined
  /** 32 secret bytes that stay the same over restarts. */
  readonly pageTokenKey: Buffer
}

export interface Context extends ControlPorts {
  readonly tokens: PageTokens
}
