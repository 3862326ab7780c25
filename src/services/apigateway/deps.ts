/** What the operations on APIs stand on. */
import type { ServiceDeps } from '../kit/service-deps.ts'

import type { Records } from './records.ts'

export type ApiGatewayDeps = Pick<
  ServiceDeps,
  'database' | 'clock' | 'log' | 'region' | 'account' | 'endpoint' | 'publicUrl' | 'credentials' | 'limits'
>

export interface Management {
  readonly records: Records
  readonly region: string
  readonly account: string
  /** Milliseconds. */
  readonly now: () => number
  /** Where clients find APIs. */
  readonly publicUrl: () => string
}
