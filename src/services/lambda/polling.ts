/** What those who poll a source for a function stand on. */
import type { Endpoints } from '../../aws/endpoints.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import type { Results } from './results.ts'

export interface PollingDeps extends Pick<ServiceDeps, 'clock' | 'log' | 'region' | 'endpoint'> {
  /** The function's answer, or that it failed. Rejects with AWS's errors. */
  readonly invoke: (functionArn: string, payload: string) => Promise<{ readonly answer: string; readonly hasFailed: boolean }>
  readonly results: Pick<Results, 'tell'>
  /** Of one event. */
  readonly payloadBytesMax: number
}

export interface PolledDeps extends PollingDeps {
  readonly endpoints: Endpoints
}
