/** What is asked for at a server, or at AWS, and whose rights it takes. */
import type { FieldValidationMode } from '../../tasks/api-models/check-result.ts'

import type { Chaos } from '../chaos.ts'
import type { ClockSetting } from '../clock.ts'
import type { ReadDefinition } from '../definition-source.ts'
import type { Duration } from '../duration.ts'
import type { MockTable } from '../mock-table.ts'
import type { TargetName } from '../target.ts'
import { TestKitError } from '../kit-error.ts'

/** Of the workflow's options, those that matter there. */
export interface RemoteSettings {
  readonly file?: string
  readonly template?: string
  readonly type?: 'STANDARD' | 'EXPRESS' | undefined
  readonly validateMocks?: FieldValidationMode
  readonly clock?: ClockSetting
  readonly chaos?: readonly Chaos[]
  readonly endpoint?: string
  readonly roleArn?: string
  readonly patience?: Duration
}

export interface RemoteOptions {
  readonly target: Exclude<TargetName, 'process'>
  readonly read: ReadDefinition
  readonly mocks: MockTable
  readonly options: RemoteSettings
}

const SERVER_ROLE = 'arn:aws:iam::000000000000:role/workflow'

/** Of real executions; also of TestState's calls that are not mocked. Throws TestKitError. */
export function roleOf({ target, options }: RemoteOptions): string {
  const role = options.roleArn ?? (process.env['REGENTE_ROLE_ARN'] || undefined)
  if (role !== undefined) return role
  if (target === 'server') return SERVER_ROLE
  throw new TestKitError('A state machine at AWS needs a role: REGENTE_ROLE_ARN, or workflow({ roleArn }).')
}
