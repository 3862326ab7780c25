/**
 * The template that a request names: in the request, in a bucket, or the one that the stack has. Whatever address a bucket of
 * AWS has means the bucket here.
 * Source: CloudFormation API reference, CreateStack; Amazon S3 user guide, "Methods for accessing a general purpose bucket".
 */
import type { JsonObject } from '../../base/json.ts'

import { locationOf, type S3Location } from '../../cloudformation/s3-location.ts'

import { constraintError, validationError } from './errors.ts'
import { readFlag, readText } from './input.ts'

/** Source: CloudFormation user guide, "Understand CloudFormation quotas". */
const TEMPLATE_BODY_BYTES_MAX = 51_200
const TEMPLATE_BYTES_MAX = 1_048_576

/** A text of a bucket. Undefined where there is no such object. Throws ValidationError where it has more bytes than asked for. */
export type ReadText = (location: S3Location, bytesMax: number) => Promise<string | undefined>

export interface TemplateSource {
  readonly readText: ReadText
}

/** Undefined where the request names none. */
export async function templateOf(
  input: JsonObject,
  source: TemplateSource,
  previous: string | undefined,
): Promise<string | undefined> {
  const body = readText(input, 'TemplateBody')
  const url = readText(input, 'TemplateURL')
  const isPrevious = readFlag(input, 'UsePreviousTemplate')
  if (body !== undefined && url !== undefined) throw validationError('Only one of TemplateBody or TemplateURL may be specified.')
  if (isPrevious && (body !== undefined || url !== undefined))
    throw validationError('Only one of [TemplateBody, TemplateURL, UsePreviousTemplate] may be specified.')
  if (isPrevious) return previous
  if (url !== undefined) return readTemplateAt(url, source)
  if (body !== undefined && Buffer.byteLength(body) > TEMPLATE_BODY_BYTES_MAX)
    throw constraintError(
      body.slice(0, 1000),
      'templateBody',
      `Member must have length less than or equal to ${TEMPLATE_BODY_BYTES_MAX}`,
    )
  return body
}

export async function readTemplateAt(url: string, source: TemplateSource): Promise<string> {
  const location = locationOf(url)
  if (location === undefined) throw validationError('TemplateURL must be a supported URL.')
  const text = await source.readText(location, TEMPLATE_BYTES_MAX)
  if (text === undefined)
    throw validationError(
      'S3 error: The specified key does not exist.\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html',
    )
  return text
}
