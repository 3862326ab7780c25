/** SNS's door: the Query protocol over `service.ts`, and the certificate that verifies messages. */

import { createAwsQueryHandler } from '../../wire/aws-query.ts'
import { type Handler, send, targetOf } from '../../wire/http.ts'
import { apiOf } from '../../aws/operations.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import { openMailbox } from './mailbox.ts'
import { SnsService, type SnsServiceDeps } from './service.ts'
import { CERTIFICATE_PATH } from './signer.ts'

/** Mail goes where `smtp` says, else into a folder of `directory`; without either it is only logged. */
export type SnsDeps = Omit<SnsServiceDeps, 'mailbox'> &
  Pick<ServiceDeps, 'directory'> & {
    /** `smtp://user:password@host:587?from=me@example.org` */
    readonly smtp?: string
  }

export interface Sns {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  readonly service: SnsService
  close(): void
}

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/'
/** What stands in mails and envelopes for a person to follow. Both need a secret: a token, the id of a subscription. */
const LINKS: ReadonlySet<string> = new Set(['ConfirmSubscription', 'Unsubscribe'])
/** A publication has 256 KiB at most; a form writes a byte as three. */
const FORM_BYTES_MAX = 1 << 20

export function createSns(deps: SnsDeps): Sns {
  const mailbox = openMailbox(deps.smtp, deps.directory, deps.log)
  const service = new SnsService({ ...deps, mailbox })
  const query = createAwsQueryHandler(service.operations, {
    namespace: NAMESPACE,
    log: deps.log,
    links: LINKS,
    bytesMax: FORM_BYTES_MAX,
    internalCode: 'InternalError',
    aws: apiOf('sns'),
  })
  const handler: Handler = async (req, res) => {
    if (req.method === 'GET' && targetOf(req).path === CERTIFICATE_PATH) {
      send(res, await service.certificate(), { contentType: 'application/x-pem-file' }, 'x-amzn-RequestId')
    } else await query(req, res)
  }
  return { handler, service, operations: () => service.operations.keys(), close: () => service.close() }
}
