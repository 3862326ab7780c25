/** Lambda's actions as aws-sdk tasks use them. Source: AWS Lambda API reference. */
import { FUNCTIONS_PATH } from '../../aws/paths.ts'

import type { RestAction } from './rest.ts'

const FUNCTION = `${FUNCTIONS_PATH}/{FunctionName}`
const JSON_RESULT = { body: 'json' } as const
const QUALIFIER = { Qualifier: 'Qualifier' }
const PAGES = { Marker: 'Marker', MaxItems: 'MaxItems' }

export const LAMBDA_ACTIONS: ReadonlyMap<string, RestAction> = new Map<string, RestAction>([
  [
    'invoke',
    {
      method: 'POST',
      path: `${FUNCTION}/invocations`,
      query: QUALIFIER,
      headers: {
        InvocationType: 'x-amz-invocation-type',
        LogType: 'x-amz-log-type',
        ClientContext: 'x-amz-client-context',
      },
      body: { member: 'Payload' },
      result: {
        headers: {
          'x-amz-executed-version': ['ExecutedVersion', 'text'],
          'x-amz-function-error': ['FunctionError', 'text'],
          'x-amz-log-result': ['LogResult', 'text'],
        },
        text: 'Payload',
        status: 'StatusCode',
      },
    },
  ],
  ['createFunction', { method: 'POST', path: FUNCTIONS_PATH, body: 'json', result: JSON_RESULT }],
  ['getFunction', { method: 'GET', path: FUNCTION, query: QUALIFIER, result: JSON_RESULT }],
  ['getFunctionConfiguration', { method: 'GET', path: `${FUNCTION}/configuration`, query: QUALIFIER, result: JSON_RESULT }],
  ['updateFunctionCode', { method: 'PUT', path: `${FUNCTION}/code`, body: 'json', result: JSON_RESULT }],
  ['updateFunctionConfiguration', { method: 'PUT', path: `${FUNCTION}/configuration`, body: 'json', result: JSON_RESULT }],
  ['deleteFunction', { method: 'DELETE', path: FUNCTION, query: QUALIFIER, result: {} }],
  [
    'listFunctions',
    {
      method: 'GET',
      path: FUNCTIONS_PATH,
      query: { ...PAGES, FunctionVersion: 'FunctionVersion' },
      result: JSON_RESULT,
    },
  ],
  ['publishVersion', { method: 'POST', path: `${FUNCTION}/versions`, body: 'json', result: JSON_RESULT }],
  ['listVersionsByFunction', { method: 'GET', path: `${FUNCTION}/versions`, query: PAGES, result: JSON_RESULT }],
  ['createAlias', { method: 'POST', path: `${FUNCTION}/aliases`, body: 'json', result: JSON_RESULT }],
  ['getAlias', { method: 'GET', path: `${FUNCTION}/aliases/{Name}`, result: JSON_RESULT }],
  ['updateAlias', { method: 'PUT', path: `${FUNCTION}/aliases/{Name}`, body: 'json', result: JSON_RESULT }],
  ['deleteAlias', { method: 'DELETE', path: `${FUNCTION}/aliases/{Name}`, result: {} }],
  ['listAliases', { method: 'GET', path: `${FUNCTION}/aliases`, query: PAGES, result: JSON_RESULT }],
])
