/** The fake over the wire, for tests; it knows machines and queues. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

import { readAwsJson, sendAwsJson, sendAwsJsonError } from '../wire/aws-json.ts'
import { WireError } from '../wire/errors.ts'
import { SERVICES } from '../aws/services.ts'

import type { FakeAws } from '../cloudformation/fake-aws.ts'

export interface FakeEndpoint {
  readonly url: string
  close(): void
}

/** Answers a call of Step Functions. */
export function answerStates(aws: FakeAws, req: IncomingMessage, res: ServerResponse): void {
  const target = String(req.headers['x-amz-target'])
  const type = 'application/x-amz-json-1.0'
  readAwsJson(req)
    .then(({ input }) => aws.json(SERVICES.sfn, target.slice(target.indexOf('.') + 1), input))
    .then(
      (output) => sendAwsJson(res, type, output),
      (error: unknown) =>
        sendAwsJsonError(res, type, error instanceof WireError ? error : new WireError(500, 'Bug', String(error))),
    )
}

/** `aws` is asked for at each call. */
export async function startFakeEndpoint(aws: () => FakeAws): Promise<FakeEndpoint> {
  const server = createServer((req, res) => answerStates(aws(), req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
