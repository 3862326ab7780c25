import { type ArnScope, parseStatesArn } from '../base/arn.ts'

import type { ExecutionIdentity } from '../engine/state.ts'
import type { ExecutionRecord } from '../store/contract.ts'

/** Who an execution is, from its row. */
export function identityOf(record: ExecutionRecord, roleArn: string, { region }: Pick<ArnScope, 'region'>): ExecutionIdentity {
  const machine = parseStatesArn(record.stateMachineArn)
  return {
    executionArn: record.arn,
    executionName: record.name,
    roleArn,
    stateMachineArn: record.stateMachineArn,
    stateMachineName: machine?.kind === 'stateMachine' ? machine.name : record.stateMachineArn,
    region,
    isExpress: record.type === 'EXPRESS',
    ...(record.aliasArn !== undefined && { stateMachineAliasArn: record.aliasArn }),
    ...(record.versionArn !== undefined && { stateMachineVersionArn: record.versionArn }),
    ...(record.mapState !== undefined && { mapState: record.mapState }),
  }
}
