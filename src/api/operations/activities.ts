/** Activities and the answers of tasks that wait. */
import { pageOf, readEncryption, readTag } from '../members.ts'
import type { Operations } from '../operation.ts'
import { date, present } from '../render.ts'

const TOKEN = { min: 1, max: 2_048 }

export const activityOperations = {
  async CreateActivity({ activities }, input) {
    const name = input.text('name', { max: 80 })
    const tags = input.list('tags', { item: 'Tag' }, readTag)
    const encryption = input.nested('encryptionConfiguration', readEncryption)
    input.done()
    const activity = await activities.create(name, tags, encryption)
    return { activityArn: activity.arn, creationDate: date(activity.createdAt) }
  },

  async DescribeActivity({ activities }, input) {
    const arn = input.text('activityArn')
    input.done()
    const { name, createdAt, encryptionConfiguration } = await activities.find(arn)
    const encryption = encryptionConfiguration === undefined ? { type: 'AWS_OWNED_KEY' } : JSON.parse(encryptionConfiguration)
    return { activityArn: arn, name, creationDate: date(createdAt), encryptionConfiguration: encryption }
  },

  async ListActivities({ activities }, input) {
    const { limit, token } = pageOf(input)
    input.done()
    const { rows, next } = await activities.list(limit, token)
    const shown = rows.map(({ arn, name, createdAt }) => ({ activityArn: arn, name, creationDate: date(createdAt) }))
    return present({ activities: shown, nextToken: next })
  },

  async DeleteActivity({ activities }, input) {
    const arn = input.text('activityArn')
    input.done()
    await activities.remove(arn)
    return {}
  },

  async GetActivityTask({ activities }, input, { pollSignal }) {
    const arn = input.text('activityArn')
    const workerName = input.optionalText('workerName', { min: 1, max: 80 })
    input.done()
    const task = await activities.nextTask(arn, workerName, pollSignal())
    return task ? { taskToken: task.token, input: task.input } : {}
  },

  async SendTaskSuccess({ activities }, input) {
    const token = input.text('taskToken', TOKEN)
    const output = input.text('output', { min: 0, ...input.bounds.data })
    input.done()
    await activities.taskSucceeded(token, output)
    return {}
  },

  async SendTaskFailure({ activities }, input) {
    const token = input.text('taskToken', TOKEN)
    const error = input.optionalText('error', input.bounds.error)
    const cause = input.optionalText('cause', input.bounds.cause)
    input.done()
    await activities.taskFailed(token, { error, cause })
    return {}
  },

  async SendTaskHeartbeat({ activities }, input) {
    const token = input.text('taskToken', TOKEN)
    input.done()
    await activities.taskHeartbeat(token)
    return {}
  },
} satisfies Partial<Operations>
