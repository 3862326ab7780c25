import { parseStatesArn } from '../base/arn.ts'

import type { ExecutionIdentity } from '../engine/state.ts'
import type { ExecutionRecord } from '../store/contract.ts'

export interface Place {
  readonly region: string
}

/** Who an execution is, from its row. */
export function identityOf(record: ExecutionRecord, roleArn: string, place: Place): ExecutionIdentity {
  const machine = parseStatesArn(record.stateMachineArn)
  return {
    executionArn: record.arn,
    executionName: record.name,
    roleArn,
    stateMachineArn: record.stateMachineArn,
    stateMachineName: machine?.kind === 'stateMachine' ? machine.name : record.stateMachineArn,
    region: place.region,
    isExpress: record.type === 'EXPRESS',
    ...(record.aliasArn !== undefined && { stateMachineAliasArn: record.aliasArn }),
    ...(record.versionArn !== undefined && { stateMachineVersionArn: record.versionArn }),
    ...(record.mapState !== undefined && { mapState: record.mapState }),
  }
}
