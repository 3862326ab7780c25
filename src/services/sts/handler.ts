/** STS's door: the Query protocol over `service.ts`. */
import { createAwsQueryHandler } from '../../wire/aws-query.ts'
import type { Handler } from '../../wire/http.ts'

import { type StsDeps, stsOperations } from './service.ts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
/** Changes nothing, and is how tokens for EKS are made: a signed link. */
const LINKS: ReadonlySet<string> = new Set(['GetCallerIdentity'])

export const createSts = (deps: StsDeps): { readonly handler: Handler; close(): void } => ({
  handler: createAwsQueryHandler(stsOperations(deps), { namespace: NAMESPACE, log: deps.log, links: LINKS }),
  close() {},
})
