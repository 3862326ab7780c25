/** STS's door: the Query protocol over `service.ts`. */
import type { Log } from '../../base/log.ts'

import { createAwsQueryHandler } from '../../wire/aws-query.ts'
import { apiOf } from '../../aws/operations.ts'

import { createDirectory, type DirectoryDeps } from './directory.ts'
import { type StsDeps, stsOperations } from './service.ts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
/** Changes nothing, and is how tokens for EKS are made: a signed link. */
const LINKS: ReadonlySet<string> = new Set(['GetCallerIdentity'])
type Deps = Omit<StsDeps, 'directory'> & DirectoryDeps & { readonly log: Log }

export function createSts(deps: Deps) {
  const operations = stsOperations({ ...deps, directory: createDirectory(deps) })
  return {
    handler: createAwsQueryHandler(operations, { namespace: NAMESPACE, log: deps.log, links: LINKS, aws: apiOf('sts') }),
    operations: () => operations.keys(),
    close() {},
  }
}
