/** What the services are handed; each picks what it needs. */
import type { Clock } from '../../base/clock.ts'
import type { ServiceLimits } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'

import type { Credentials } from '../../wire/sigv4.ts'

import type { Seal } from '../seal.ts'

import type { ServicesDatabase } from './database.ts'

export interface ServiceDeps {
  readonly database: ServicesDatabase
  /** The data folder; without it, in memory and in temporary folders. */
  readonly directory?: string | undefined
  readonly region: string
  readonly account: string
  /** Where the services and Step Functions are called, known once that listens. */
  readonly endpoint: () => string
  /** What is told to functions and in links, where that is another URL. */
  readonly publicUrl?: (() => string) | undefined
  /** For calls there, where Regente demands signatures. */
  readonly credentials?: (() => Credentials) | undefined
  readonly log: Log
  readonly clock: Clock
  readonly seal: Seal
  /** AWS's where none are given. */
  readonly limits?: ServiceLimits | undefined
}
