/** Where things stand at a service's endpoint: a function, an object, a queue. */
import { encodeRfc3986 } from '../wire/percent.ts'

/** Of Lambda's API version that has them. */
export const FUNCTIONS_PATH = '/2015-03-31/functions'

/** By name or ARN; `version`: of the API, where it is what came later. */
export const functionPath = (name: string, version = '2015-03-31'): string => `/${version}/functions/${encodeURIComponent(name)}`

/** Of the bucket where no key is given. Slashes of a key stay. */
export function objectPath(bucket: string, key?: string): string {
  return [bucket, ...(key?.split('/') ?? [])].map((part) => `/${encodeRfc3986(part)}`).join('')
}

/** Whether it could be a queue's. */
export const isQueueArn = (arn: string): boolean => /^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]+(?:\.fifo)?$/.test(arn)

/** As SQS writes it at that endpoint. */
export function queueUrl(endpoint: string, queueArn: string): string {
  const [, , , , account = '', name = ''] = queueArn.split(':')
  return `${endpoint.replace(/\/+$/, '')}/${account}/${name}`
}
