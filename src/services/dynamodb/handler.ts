/**
 * DynamoDB's door, and that of its streams: JSON 1.0 with the CRC-32 header that clients check, bounded bodies.
 * Source: Amazon DynamoDB developer guide, "DynamoDB low-level API".
 */
import type { ServerResponse } from 'node:http'
import { crc32 } from 'node:zlib'

import { jsonTargetOf, missingOperation, unknownOperation } from '../../wire/aws-json.ts'
import { renderJsonError, toWireError, WireError } from '../../wire/errors.ts'
import { drainBody, type Handler, readBody, sendJson } from '../../wire/http.ts'
import { parseJsonBody, serializationError } from '../../wire/json-body.ts'
import { SERVICES } from '../../aws/services.ts'
import { apiOf } from '../../aws/operations.ts'

import { INTERNAL, validationError } from './errors.ts'
import { type DynamoDbDeps, DynamoDbService, type Operation } from './service.ts'

export interface LocalDynamoDb {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  readonly service: DynamoDbService
  close(): void
}

const BODY_BYTES_MAX = 16 * 1024 * 1024
/**
 * DynamoDB nests values 32 deep; in JSON each level takes two, and the request around them a few. One item of 400 KB may hold
 * 130,000 numbers, of two members each and an object.
 */
const BOUNDS = { depthMax: 100, membersMax: 500_000 }
const CONTENT_TYPE = 'application/x-amz-json-1.0'

const API = apiOf('dynamodb')
/** Those that change items and nothing else: many of them share a commit. */
const GROUPED: ReadonlySet<string> = new Set(['PutItem', 'DeleteItem', 'UpdateItem', 'BatchWriteItem', 'TransactWriteItems'])

export function createDynamoDb(deps: DynamoDbDeps): LocalDynamoDb {
  const service = new DynamoDbService(deps)

  function operationOf(target: ReturnType<typeof jsonTargetOf>): Operation {
    const operations = target?.prefix === SERVICES.dynamodbstreams.target ? service.streamOperations : service.operations
    const operation = operations.get(target?.operation ?? '')
    if (operation) return operation
    const name = target?.operation ?? ''
    // Each door has operations of its own.
    const isOfOther = service.operations.has(name) || service.streamOperations.has(name)
    throw target === undefined || isOfOther ? unknownOperation(target?.operation) : missingOperation(name, API)
  }

  return {
    service,
    async handler(req, res) {
      try {
        const target = jsonTargetOf(req)
        const operation = operationOf(target)
        await service.ready?.catch(refuse)
        const body = await readBody(req, BODY_BYTES_MAX)
        const input = parseJsonBody(body, BOUNDS, (excess) => (excess === 'deep' ? tooDeep() : tooMany()))
        if (body.length === 0) throw serializationError('the request has no body')
        const isGrouped = GROUPED.has(target?.operation ?? '')
        const output = isGrouped ? await deps.database.inGroup(() => operation(input)) : operation(input)
        answer(res, 200, JSON.stringify(output))
      } catch (error) {
        if (!(error instanceof WireError)) deps.log.error('a DynamoDB request failed', { error: String(error) })
        await drainBody(req)
        const wire = toWireError(error, INTERNAL)
        answer(res, wire.status, renderJsonError(wire))
      }
    },
    operations: () => [...service.operations.keys(), ...service.streamOperations.keys()],
    close: () => service.close(),
  }
}

/** Not 500, which clients would try again. */
const refuse = (error: unknown): never => {
  throw new WireError(501, INTERNAL, error instanceof Error ? error.message : String(error))
}

const tooDeep = () =>
  validationError(
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
  )

const tooMany = () => serializationError(`the request has more than ${BOUNDS.membersMax} members`)

function answer(res: ServerResponse, status: number, text: string): void {
  sendJson(res, text, { status, contentType: CONTENT_TYPE, headers: { 'x-amz-crc32': crc32(text) } })
}
