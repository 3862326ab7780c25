/** Examines what it is told to, one after the other: a data folder, a database, a server. It reads alone. */
import { systemClock } from '../../base/clock.ts'

import type { Report } from './finding.ts'
import { examineFolder } from './folder.ts'
import { examineServer } from './server.ts'

export interface DoctorOptions {
  readonly directory?: string | undefined
  /** `postgres://…` */
  readonly store?: string | undefined
  readonly endpoint?: string | undefined
  /** All rows, not some of them. */
  readonly isDeep: boolean
}

/** Throws StartError where what it is to examine is not there. */
export async function examine({ directory, store, endpoint, isDeep }: DoctorOptions): Promise<Report> {
  const examination = { isDeep, now: systemClock.now() }
  const reports: Report[] = []
  if (directory !== undefined) reports.push(await examineFolder(directory, examination))
  // The driver is loaded only here.
  if (store !== undefined) reports.push(await (await import('./postgres.ts')).examinePostgres(store, examination))
  if (endpoint !== undefined) reports.push(await examineServer(endpoint))
  return {
    findings: reports.flatMap(({ findings }) => findings),
    facts: Object.assign({}, ...reports.map(({ facts }) => facts)),
  }
}
