/** Tags of what Lambda has: functions, mappings, configurations of code signing. */
import { SERVICES } from '../../aws/services.ts'

import type { Aws } from '../aws.ts'
import { type Declared, objectAt } from './resource.ts'
import { changeTags } from './tags.ts'

export function changeLambdaTags(resource: Declared, arn: string, aws: Aws): Promise<boolean> {
  const path = `/2017-03-31/tags/${encodeURIComponent(arn)}`
  return changeTags(resource, {
    async list() {
      const { Tags } = await aws.rest(SERVICES.lambda, 'GET', path)
      const tags = objectAt({ Tags: Tags ?? {} }, 'Tags') ?? {}
      return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]))
    },
    put: (Tags) => aws.rest(SERVICES.lambda, 'POST', path, { Tags }),
    remove: (keys) => {
      const query = new URLSearchParams(keys.map((key): [string, string] => ['tagKeys', key]))
      return aws.rest(SERVICES.lambda, 'DELETE', path, undefined, query)
    },
  })
}
