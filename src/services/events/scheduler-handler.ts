/** EventBridge Scheduler's REST-JSON face. Source: EventBridge Scheduler API reference, "Request Syntax" of each action. */
import type { JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import { toWireError, WireError } from '../../wire/errors.ts'
import { decodeSegment, drainBody, type Handler, readBody, sendJson, targetOf } from '../../wire/http.ts'
import { parseJsonBody } from '../../wire/json-body.ts'
import { requestFields, requestIdOf } from '../../wire/request-context.ts'
import { operationsHere, type RestRequest } from '../../aws/operations.ts'

import type { Scheduler } from './scheduler.ts'

interface Call {
  readonly name: string
  readonly query: URLSearchParams
  readonly input: JsonObject
}

const BODY_BYTES_MAX = 1 << 20

const groupOf = ({ query }: Call): string => query.get('groupName') ?? 'default'

const PATH = /^\/(schedules|schedule-groups|tags)(?:\/([^/]+))?\/?$/

/** `POST schedules`, `LIST schedules`. */
function keyOf(method: string | undefined, path: string): string {
  const [, kind = '', segment = ''] = PATH.exec(path) ?? []
  return `${segment === '' ? 'LIST' : method} ${kind}`
}

export function createSchedulerHandler(scheduler: Scheduler, log: Log) {
  const operations = new Map<string, (call: Call) => JsonObject>([
    ['POST schedules', ({ name, input }) => scheduler.createSchedule(name, input)],
    ['PUT schedules', ({ name, input }) => scheduler.updateSchedule(name, input)],
    ['GET schedules', (call) => scheduler.getSchedule(groupOf(call), call.name)],
    ['DELETE schedules', (call) => scheduler.deleteSchedule(groupOf(call), call.name)],
    ['LIST schedules', ({ query }) => scheduler.listSchedules(filterOf(query))],
    ['POST schedule-groups', ({ name, input }) => scheduler.createGroup(name, input)],
    ['GET schedule-groups', ({ name }) => scheduler.getGroup(name)],
    ['DELETE schedule-groups', ({ name }) => scheduler.deleteGroup(name)],
    ['LIST schedule-groups', ({ query }) => scheduler.listGroups(filterOf(query))],
    ['GET tags', ({ name }) => scheduler.listTags(name)],
    ['POST tags', ({ name, input }) => scheduler.tag(name, input)],
    ['DELETE tags', ({ name, query }) => scheduler.untag(name, query.getAll('TagKeys'))],
  ])
  const isHere = ({ method, path }: RestRequest) => operations.has(keyOf(method, path))
  const handler: Handler = async (req, res) => {
    const requestId = requestIdOf(req)
    try {
      const { path, query } = targetOf(req)
      const [, , segment = ''] = PATH.exec(path) ?? []
      const operation = operations.get(keyOf(req.method, path))
      if (!operation) throw new WireError(404, 'UnknownOperationException', `No operation is at ${req.method} ${path}.`)
      const input = parseJsonBody(await readBody(req, BODY_BYTES_MAX))
      sendJson(res, operation({ name: decodeSegment(segment) ?? '', query, input }), { requestId })
    } catch (error) {
      if (!(error instanceof WireError)) log.error('a Scheduler request failed', { ...requestFields(req), error })
      await drainBody(req)
      const wire = toWireError(error, 'InternalServerException')
      const options = { status: wire.status, requestId, headers: { 'x-amzn-ErrorType': wire.code } }
      sendJson(res, { Message: wire.message, message: wire.message }, options)
    }
  }
  return { handler, operations: () => operationsHere('scheduler', isHere) }
}

/** The query's members, by the names that the operations know. */
function filterOf(query: URLSearchParams): JsonObject {
  const members = { ScheduleGroup: 'GroupName', NamePrefix: 'NamePrefix', State: 'State', NextToken: 'NextToken' }
  const given = Object.entries(members).flatMap(([name, member]) => {
    const value = query.get(name)
    return value === null ? [] : [[member, value] as const]
  })
  return { ...Object.fromEntries(given), MaxResults: Number(query.get('MaxResults') ?? 100) }
}
