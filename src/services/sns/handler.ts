/** SNS's door: the Query protocol over `service.ts`, and the public key that verifies messages. */
import type { Clock } from '../../base/clock.ts'
import type { ServiceLimits } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'

import { createAwsQueryHandler } from '../../wire/aws-query.ts'
import { type Handler, send, targetOf } from '../../wire/http.ts'
import type { Credentials } from '../../wire/sigv4.ts'

import type { LocalDatabase } from '../database.ts'
import type { Seal } from '../seal.ts'

import { openMailbox } from './mailbox.ts'
import { SnsService } from './service.ts'
import { SIGNING_KEY_PATH } from './signer.ts'

export interface SnsDeps {
  readonly database: LocalDatabase
  /** Where the mailbox folder lies; without it and without `smtp`, mail is only logged. */
  readonly directory?: string
  readonly region: string
  readonly account: string
  /** Regente's own URL: where queues and functions are called, and where links in messages lead. */
  readonly endpoint: () => string
  /** For those calls, where Regente demands signatures. */
  readonly credentials?: (() => Credentials) | undefined
  readonly log: Log
  readonly clock: Clock
  readonly seal: Seal
  readonly limits?: ServiceLimits
  /** `smtp://user:password@host:587?from=me@example.org` */
  readonly smtp?: string
}

export interface Sns {
  readonly handler: Handler
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
  })
  const handler: Handler = async (req, res) => {
    if (req.method === 'GET' && targetOf(req).path === SIGNING_KEY_PATH) {
      send(res, await service.publicKey(), { contentType: 'application/x-pem-file' }, 'x-amzn-RequestId')
    } else await query(req, res)
  }
  return { handler, service, close: () => service.close() }
}
