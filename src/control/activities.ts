/** Activities, their workers, and the answers of tasks that wait for a token. */
import { isOfStacks } from '../base/stack-machines.ts'
import { type ActivityArn, activityArn, parseStatesArn } from '../base/arn.ts'
import { assertNever } from '../base/assert.ts'
import type { Failure } from '../base/failure.ts'

import { readTaskToken } from '../engine/task-token.ts'
import type { ActivityRecord, Page } from '../store/contract.ts'

import type { Context } from './context.ts'
import type { TokenOutcome } from './execution-port.ts'
import { jsonProblem } from './json-text.ts'
import { checkName } from './names.ts'
import { invalidArn, ServiceError, unavailable } from './service-error.ts'
import { checkTags } from './tags.ts'

/** How long GetActivityTask waits for work. */
const LONG_POLL_MS = 60_000

export function createActivities({ store, executionPort, clock, arnScope, tokens }: Context) {
  async function find(arn: string): Promise<ActivityRecord> {
    const found = await store.activity(checkArn(arn))
    if (!found) throw new ServiceError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`)
    return found
  }
  return {
    find,
    async create(
      name: string,
      tags: readonly { readonly key: string; readonly value: string }[] | undefined,
      encryption: unknown,
    ): Promise<ActivityRecord> {
      checkName(name)
      const checked = checkTags(tags)
      const arn = activityArn(arnScope, name)
      const activity = {
        arn,
        name,
        createdAt: clock.now(),
        ...(encryption !== undefined && { encryptionConfiguration: JSON.stringify(encryption) }),
      }
      if ((await store.createActivity(activity)) === 'exists') return find(arn)
      if (checked.size > 0) await store.putTags(arn, checked)
      return activity
    },
    async remove(arn: string): Promise<void> {
      await store.deleteActivity(checkArn(arn))
    },
    async list(limit: number, token?: string): Promise<Page<ActivityRecord>> {
      const found = await store.activities(limit, tokens.open('activities', token))
      const page = { ...found, rows: found.rows.filter(({ name }) => !isOfStacks(name)) }
      return page.next === undefined ? page : { ...page, next: tokens.seal('activities', page.next) }
    },
    async nextTask(arn: string, workerName: string | undefined, signal: AbortSignal) {
      const activity = await find(arn)
      const task = await executionPort.activityTask(activity.arn, workerName, LONG_POLL_MS, signal)
      if (task === 'unavailable') throw unavailable()
      return task
    },
    async taskSucceeded(token: string, output: string): Promise<void> {
      if (!readTaskToken(token)) told('invalid-token')
      const problem = jsonProblem(output)
      if (problem !== undefined) throw new ServiceError('InvalidOutput', `Invalid Output: '${problem}'`)
      told(await executionPort.taskSucceeded(token, output))
    },
    taskFailed: async (token: string, failure: Failure): Promise<void> => told(await executionPort.taskFailed(token, failure)),
    taskHeartbeat: async (token: string): Promise<void> => told(await executionPort.taskHeartbeat(token)),
  }
}

/** Throws InvalidArn. */
function checkArn(arn: string): ActivityArn {
  const parsed = parseStatesArn(arn)
  if (parsed?.kind !== 'activity') throw invalidArn(arn)
  return parsed.arn
}

function told(outcome: TokenOutcome): void {
  switch (outcome) {
    case 'accepted':
      return
    case 'invalid-token':
      throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'")
    case 'task-does-not-exist':
      throw new ServiceError('TaskDoesNotExist', "Task Does Not Exist: 'Task does not exist'")
    case 'unavailable':
      throw unavailable()
    case 'task-timed-out':
      throw new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'")
    default:
      assertNever(outcome, 'outcome of a token')
  }
}
