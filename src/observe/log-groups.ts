/** Whether a log group is there, asked over the wire. A service that cannot be asked is taken at its word: it is. */
import type { Log } from '../base/log.ts'

import { callAws } from '../wire/client.ts'
import type { Endpoints } from '../tasks/connector.ts'

export function logGroupsOverWire(endpoints: Endpoints, log: Log) {
  return {
    async exists(logGroupArn: string): Promise<boolean> {
      const name = /:log-group:(.+):\*$/.exec(logGroupArn)?.[1]
      if (name === undefined) return false
      try {
        const { url, region, credentials } = endpoints.endpointFor('cloudwatchlogs')
        const answer = await callAws({
          ...{ endpoint: url, region, service: 'logs', credentials: await credentials() },
          headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Logs_20140328.DescribeLogGroups' },
          body: JSON.stringify({ logGroupNamePrefix: name }),
        })
        if (answer.status !== 200) return true
        const { logGroups = [] } = JSON.parse(answer.body.toString('utf8')) as { logGroups?: { logGroupName?: string }[] }
        return logGroups.some(({ logGroupName }) => logGroupName === name)
      } catch (error) {
        log.warn('the log service could not be asked for a log group', { logGroupArn, error: String(error) })
        return true
      }
    },
  }
}
