/**
 * A method called as a test: as it stands, not as it is deployed, and by nobody whose rights are judged.
 * Source: API Gateway REST API reference, TestInvokeMethod.
 */
import { isArray, type JsonObject } from '../../../base/json.ts'
import { formPairs } from '../../../wire/form.ts'
import { newRequestId } from '../../../wire/request-context.ts'

import { memberObject, memberText } from '../document.ts'
import type { MethodPlace } from '../rest/resources.ts'
import type { Managers } from '../routes.ts'
import type { RestGateway } from './rest-gateway.ts'
import { readRestSnapshot } from './rest-turn.ts'

export interface TestDeps {
  readonly rest: RestGateway
  readonly managers: Pick<Managers, 'resources' | 'apis'>
  readonly now: () => number
}

export async function testInvoke(
  { rest, managers, now }: TestDeps,
  [api, resourceId, verb]: MethodPlace,
  input: JsonObject,
): Promise<JsonObject> {
  const begun = now()
  const method = managers.resources.getMethod([api, resourceId, verb])
  const resource = managers.resources.get(api, resourceId, new URLSearchParams())
  const { binaryMediaTypes = [] } = managers.apis.find(api)
  const tested = { ...method, authorizationType: 'NONE', apiKeyRequired: false, requestValidatorId: null }
  const snapshot = readRestSnapshot({ binaryMediaTypes, resources: [{ ...resource, resourceMethods: { [verb]: tested } }] })
  const [path = '', queryText = ''] = (memberText(input, 'pathWithQueryString') ?? String(resource['path'])).split('?')
  const sent = headersOf(input)
  const request = {
    apiId: api,
    method: verb === 'ANY' ? 'GET' : verb,
    path,
    queryText,
    query: new URLSearchParams(formPairs(queryText)),
    sent,
    headers: Object.fromEntries(sent.map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(memberText(input, 'body') ?? ''),
    sourceIp: 'test-invoke-source-ip',
    requestId: newRequestId(),
    at: begun,
  }
  const variables = Object.fromEntries(
    Object.entries(memberObject(input, 'stageVariables')).map(([name, value]) => [name, String(value)]),
  )
  const answer = await rest.answer({ name: 'test-invoke-stage', variables, snapshot }, request, path)
  const multiValueHeaders = new Map<string, string[]>()
  for (const [name, value] of answer.headers) multiValueHeaders.set(name, [...(multiValueHeaders.get(name) ?? []), value])
  return {
    status: answer.status,
    body: answer.body.toString('utf8'),
    headers: Object.fromEntries(answer.headers),
    multiValueHeaders: Object.fromEntries(multiValueHeaders),
    log: `Execution log for request ${request.requestId}`,
    latency: now() - begun,
  }
}

function headersOf(input: JsonObject): readonly (readonly [string, string])[] {
  const several = Object.entries(memberObject(input, 'multiValueHeaders')).flatMap(([name, values]) =>
    (isArray(values) ? values : []).map((value) => [name, String(value)] as const),
  )
  const one = Object.entries(memberObject(input, 'headers')).map(([name, value]) => [name, String(value)] as const)
  return [...one, ...several]
}
