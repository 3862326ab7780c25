/** CloudWatch Logs. */
import { SERVICES } from '../../../src/aws/services.ts'
import { callJson } from './client.ts'

export const callLogs = (operation: string, input: object, signal?: AbortSignal): Promise<unknown> =>
  callJson(SERVICES.cloudwatchlogs, operation, input, signal)
