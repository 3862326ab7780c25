/** Pipes' REST-JSON face. Source: EventBridge Pipes API reference, "Request Syntax" of each action. */
import type { JsonObject } from '../../base/json.ts'

import { toWireError, WireError } from '../../wire/errors.ts'
import { decodeSegment, drainBody, type Handler, readBody, sendJson, targetOf } from '../../wire/http.ts'
import { parseJsonBody } from '../../wire/json-body.ts'
import { requestFields, requestIdOf } from '../../wire/request-context.ts'
import { operationsHere, type RestRequest } from '../../aws/operations.ts'

import { type PipesDeps, PipesService } from './service.ts'

interface Call {
  readonly name: string
  readonly query: URLSearchParams
  readonly input: JsonObject
}

const BODY_BYTES_MAX = 1 << 20
const PATH = /^\/(v1\/pipes|tags)(?:\/([^/]+))?(?:\/(start|stop))?\/?$/

/** `POST v1/pipes start`, `LIST v1/pipes`. */
function keyOf(method: string | undefined, path: string): string {
  const [, kind = '', segment = '', verb] = PATH.exec(path) ?? []
  return `${segment === '' ? 'LIST' : method} ${kind}${verb === undefined ? '' : ` ${verb}`}`
}

export function createPipes(deps: PipesDeps) {
  const service = new PipesService(deps)
  const operations = new Map<string, (call: Call) => JsonObject>([
    ['POST v1/pipes', ({ name, input }) => service.create(name, input)],
    ['PUT v1/pipes', ({ name, input }) => service.update(name, input)],
    ['GET v1/pipes', ({ name }) => service.describe(name)],
    ['DELETE v1/pipes', ({ name }) => service.delete(name)],
    ['LIST v1/pipes', ({ query }) => service.list(query)],
    ['POST v1/pipes start', ({ name }) => service.start(name)],
    ['POST v1/pipes stop', ({ name }) => service.stop(name)],
    ['GET tags', ({ name }) => service.listTags(name)],
    ['POST tags', ({ name, input }) => service.tag(name, input)],
    ['DELETE tags', ({ name, query }) => service.untag(name, query.getAll('tagKeys'))],
  ])
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
      if (!(error instanceof WireError)) deps.log.error('a Pipes request failed', { ...requestFields(req), error })
      await drainBody(req)
      const wire = toWireError(error, 'InternalException')
      const options = { status: wire.status, requestId, headers: { 'x-amzn-ErrorType': wire.code } }
      sendJson(res, { message: wire.message }, options)
    }
  }
  const isHere = ({ method, path }: RestRequest) => operations.has(keyOf(method, path))
  return {
    handler,
    service,
    operations: () => operationsHere('pipes', isHere),
    resume: () => service.resume(),
    close: () => service.close(),
  }
}
