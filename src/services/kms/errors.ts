/**
 * KMS's errors, in the words of the service.
 * Source: AWS KMS API reference, errors of each action; AWS's answers as SDK users report them.
 */
import { WireError } from '../../wire/errors.ts'

import { constraintText, memberShown } from '../kit/constraint.ts'
import type { TagErrors } from '../kit/tags.ts'

const refusal = (code: string, message: string): WireError => new WireError(400, code, message)

export const validation = (message: string): WireError => refusal('ValidationException', message)
export const notFound = (message: string): WireError => refusal('NotFoundException', message)
export const alreadyExists = (message: string): WireError => refusal('AlreadyExistsException', message)
export const unsupported = (message: string): WireError => refusal('UnsupportedOperationException', message)
export const invalidKeyUsage = (message: string): WireError => refusal('InvalidKeyUsageException', message)
export const invalidMarker = (): WireError => refusal('InvalidMarkerException', 'Could not deserialize marker')
export const invalidArn = (arn: string): WireError => refusal('InvalidArnException', `Invalid arn ${arn}`)
export const malformedPolicy = (): WireError =>
  refusal('MalformedPolicyDocumentException', 'The key policy is no JSON object with the statements of a policy.')
export const keyDisabled = (arn: string): WireError => refusal('DisabledException', `${arn} is disabled.`)
export const invalidState = (message: string): WireError => refusal('KMSInvalidStateException', message)
/** AWS says nothing more: which part is wrong would help whoever tries. */
export const invalidCiphertext = (): WireError => refusal('InvalidCiphertextException', '')
export const invalidSignature = (): WireError => refusal('KMSInvalidSignatureException', '')
export const invalidMac = (): WireError => refusal('KMSInvalidMacException', '')
export const incorrectKey = (): WireError =>
  refusal('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.')
export const unknownCiphertextKey = (): WireError =>
  refusal(
    'AccessDeniedException',
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  )
export const dryRun = (): WireError =>
  refusal('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.')

/** AWS's text for a member that breaks its model's constraint. Plaintexts are never shown. */
export function constraintError(value: unknown, member: string, constraint: string): WireError {
  const shown = value === undefined ? 'null' : typeof value === 'string' || typeof value === 'number' ? `'${value}'` : undefined
  return validation(constraintText(shown, memberShown(member), constraint))
}

export const enumError = (value: string | undefined, member: string, values: Iterable<string>): WireError =>
  constraintError(value, member, `Member must satisfy enum value set: [${[...values].join(', ')}]`)

export const TAG_ERRORS: TagErrors = {
  tooMany: () => refusal('LimitExceededException', 'Too many tags'),
  badKey: () => refusal('TagException', 'Tag keys must be between 1 and 128 characters long.'),
  badValue: () => refusal('TagException', 'Tag values must be at most 256 characters long.'),
  reserved: () => refusal('TagException', 'aws: prefixed tag key names are not allowed for external use.'),
}
