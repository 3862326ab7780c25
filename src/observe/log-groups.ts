/** Whether a log group is there, asked over the wire. A service that cannot be asked is taken at its word: it is. */
import { getOwn, isArray, isObject } from '../base/json.ts'
import type { Log } from '../base/log.ts'

import { callJson } from '../aws/call.ts'
import type { Endpoints } from '../aws/endpoints.ts'
import { describeFailure } from '../aws/failure.ts'
import { SERVICES } from '../aws/services.ts'

export function logGroupsOverWire(endpoints: Endpoints, log: Log) {
  return {
    async exists(logGroupArn: string): Promise<boolean> {
      const name = /:log-group:(.+):\*$/.exec(logGroupArn)?.[1]
      if (name === undefined) return false
      const called = await callJson(endpoints, SERVICES.cloudwatchlogs, 'DescribeLogGroups', { logGroupNamePrefix: name })
      if (called.ok) {
        const groups = getOwn(called.value.body, 'logGroups')
        return isArray(groups) && groups.some((group) => isObject(group) && getOwn(group, 'logGroupName') === name)
      }
      log.warn('the log service could not be asked for a log group', { logGroupArn, error: describeFailure(called.error) })
      return true
    },
  }
}
