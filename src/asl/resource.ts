/** What the Resource of a Task names. Source: developer guide, "Integrating services with Step Functions". */
import type { ActivityArn } from '../base/arn.ts'

import type { TaskPattern, TaskResource } from './program.ts'

const SERVICE = /^arn:aws[\w-]*:states:[\w-]*:\d*:([\w-]+(?::[\w-]+)?):([\w-]+)(\.sync:2|\.sync|\.waitForTaskToken)?$/
const LAMBDA = /^arn:aws[\w-]*:lambda:[\w-]+:[\w-]+:function:[\w$-]+(?::[\w$-]+)?$/
const ACTIVITY = /^arn:aws[\w-]*:states:[\w-]+:\d{12}:activity:.+$/

const PATTERNS = { '.sync': 'sync', '.sync:2': 'sync2', '.waitForTaskToken': 'waitForTaskToken' } as const

/** As `aws-sdk` ARNs spell a service and its action: `dynamodb:getItem`. No other letter case names them. */
export const isSdkCall = (sdkService: string, action: string): boolean =>
  /^[a-z0-9]+$/.test(sdkService) && /^[a-z]\w*$/.test(action)

export const unrecognized = (arn: string): string =>
  `The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`

const isActivity = (arn: string): arn is ActivityArn => ACTIVITY.test(arn)

/** Undefined when the text names nothing that a Task can call. */
export function parseResource(arn: string): TaskResource | undefined {
  if (isActivity(arn)) return { kind: 'activity', arn }
  if (LAMBDA.test(arn)) return { kind: 'lambda', arn }
  const match = SERVICE.exec(arn)
  if (!match) return undefined
  const [, service = '', action = '', suffix] = match
  const pattern: TaskPattern = suffix === undefined ? 'request' : PATTERNS[suffix as keyof typeof PATTERNS]
  return { kind: 'service', arn, service, action, pattern }
}
