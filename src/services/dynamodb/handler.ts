/**
 * DynamoDB's door: JSON 1.0 with the CRC-32 header that its clients check, bounded bodies, dynalite behind it.
 * Source: Amazon DynamoDB developer guide, "DynamoDB low-level API".
 */
import { mkdirSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import { jsonTargetOf, unknownOperation } from '../../wire/aws-json.ts'
import { renderJsonError, toWireError, WireError } from '../../wire/errors.ts'
import { drainBody, type Handler, readBody, sendJson } from '../../wire/http.ts'
import { parseJsonBody, serializationError } from '../../wire/json-body.ts'

import { DYNALITE_OPERATIONS } from './dynalite.ts'
import { DynaliteThread } from './dynalite-thread.ts'

export interface CreateDynamoDbDeps {
  /** Tables live under `directory`/dynamodb; without a directory, in memory. */
  readonly directory?: string | undefined
  readonly region: string
  readonly account: string
  readonly log: Log
  readonly clock: Clock
}

export interface LocalDynamoDb {
  readonly handler: Handler
  close(): Promise<void>
}

const BODY_BYTES_MAX = 16 * 1024 * 1024
/**
 * DynamoDB nests values 32 deep; in JSON each level takes two, and the request around them a few. One item of 400 KB may hold
 * 130,000 numbers, of two members each and an object.
 */
const BOUNDS = { depthMax: 100, membersMax: 500_000 }
const CONTENT_TYPE = 'application/x-amz-json-1.0'

export function createDynamoDb(deps: CreateDynamoDbDeps): LocalDynamoDb {
  const path = deps.directory === undefined ? undefined : join(deps.directory, 'dynamodb')
  const tables = new DynaliteThread({ path, account: deps.account, region: deps.region }, deps.clock)
  return {
    async handler(req, res) {
      try {
        const operation = jsonTargetOf(req)?.operation
        if (operation === undefined || !DYNALITE_OPERATIONS.has(operation)) throw unknownOperation(operation)
        const body = await readBody(req, BODY_BYTES_MAX)
        const input = parseJsonBody(body, BOUNDS, (excess) => (excess === 'deep' ? tooDeep() : tooMany()))
        if (body.length === 0) throw serializationError('the request has no body')
        if (path !== undefined) mkdirSync(path, { recursive: true })
        answer(res, 200, await tables.call(operation, input))
      } catch (error) {
        if (!(error instanceof WireError)) deps.log.error('a DynamoDB request failed', { error: String(error) })
        await drainBody(req)
        const wire = toWireError(error, INTERNAL)
        answer(res, wire.status, renderJsonError(wire))
      }
    },
    close: () => tables.close(),
  }
}

const INTERNAL = 'com.amazonaws.dynamodb.v20120810#InternalServerError'

const tooDeep = () =>
  new WireError(
    400,
    'com.amazon.coral.validate#ValidationException',
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
  )

const tooMany = () => serializationError(`the request has more than ${BOUNDS.membersMax} members`)

function answer(res: ServerResponse, status: number, text: string): void {
  sendJson(res, text, { status, contentType: CONTENT_TYPE, headers: { 'x-amz-crc32': crc32(text) } })
}
