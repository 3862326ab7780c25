/**
 * What the log tells of answers: at `debug` each; at `info` what was refused, and what changes what is deployed. Always with the
 * id.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Log } from '../base/log.ts'

import { type RequestContext, requestFields } from '../wire/request-context.ts'

export type ToldAnswers = 'all' | 'notable'

/** By the level that the log has. */
export const toldAt = (level: string): ToldAnswers | undefined =>
  level === 'debug' ? 'all' : level === 'info' ? 'notable' : undefined

export function logAnswer(req: IncomingMessage, res: ServerResponse, { identity, call, trace }: RequestContext, log: Log): void {
  const begun = performance.now()
  const { method, url = '' } = req
  res.once('close', () =>
    log.debug(res.writableFinished ? 'a request was answered' : 'a request was cut off', {
      ...requestFields(req),
      method,
      path: url.split('?', 1)[0]?.slice(0, 200),
      status: res.statusCode,
      ms: Math.round(performance.now() - begun),
      ...(identity.kind === 'accessKey' && { accessKeyId: identity.accessKeyId }),
      ...(call?.resource !== undefined && { resource: call.resource }),
      ...(trace && { trace: trace.header }),
    }),
  )
}

/** Of services alone: the console asks for much that is not there. */
export function logNotableAnswer(req: IncomingMessage, res: ServerResponse, { call }: RequestContext, log: Log): void {
  if (call === undefined) return
  res.once('close', () => {
    const { statusCode: status } = res
    const fields = { ...requestFields(req), ...(call.resource !== undefined && { resource: call.resource }) }
    const code = res.getHeader('x-amzn-ErrorType')
    if (status >= 400) log.info('a request was refused', { ...fields, status, ...(code !== undefined && { code }) })
    else if (call.action.kind === 'named' && CHANGES.test(call.action.name)) log.info('what is deployed was changed', fields)
  })
}

/** State machines are told by those who know their ARN. */
const CHANGES =
  /^(?:Create|Update|Delete|Publish|Put)(?:Function|LayerVersion|Layer|EventSourceMapping|Queue|Topic|Bucket|Table|Rule|Targets|EventBus|Connection|Schedule|LogGroup)(?:Code|Configuration)?$/
