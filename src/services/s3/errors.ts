/**
 * The errors of S3 that we raise, with AWS's codes, statuses and texts.
 * Source: Amazon S3 API reference, "List of error codes".
 */
import { WireError } from '../../wire/errors.ts'

type Detail = Readonly<Record<string, string>>

/** An error that a delete marker has caused: headers tell which. */
export class MarkedError extends WireError {
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, detail: Detail, marker?: string, headers: Detail = {}) {
    super(status, code, message, detail)
    this.headers = marker === undefined ? headers : { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker, ...headers }
  }
}

const make =
  (status: number, code: string, message: string) =>
  (detail: Detail = {}) =>
    new WireError(status, code, message, detail)

export const noSuchBucket = (bucket: string) =>
  new WireError(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket })
/** `marker`: the delete marker that hides the key, if any. It is told in headers alone (handler.ts). */
export const noSuchKey = (key: string, marker?: string) =>
  new MarkedError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key }, marker)
export const noSuchVersion = (key: string, version: string) =>
  new WireError(404, 'NoSuchVersion', 'The specified version does not exist.', { Key: key, VersionId: version })
export const markerNotAllowed = (version: string, modifiedMs: number) =>
  new MarkedError(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { Method: 'GET', ResourceType: 'DeleteMarker' },
    version,
    { allow: 'DELETE', 'last-modified': new Date(modifiedMs).toUTCString() },
  )
export const noSuchUpload = (id: string) =>
  new WireError(
    404,
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: id },
  )
export const bucketAlreadyOwnedByYou = (bucket: string) =>
  new WireError(
    409,
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    { BucketName: bucket },
  )
export const bucketNotEmpty = (bucket: string, message = 'The bucket you tried to delete is not empty') =>
  new WireError(409, 'BucketNotEmpty', message, { BucketName: bucket })
export const invalidBucketName = (bucket: string) =>
  new WireError(400, 'InvalidBucketName', 'The specified bucket is not valid.', { BucketName: bucket })
export const keyTooLong = (bytes: number) =>
  new WireError(400, 'KeyTooLongError', 'Your key is too long', { Size: String(bytes), MaxSizeAllowed: '1024' })
export const preconditionFailed = (condition: string) =>
  new WireError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  })
export const notModified = make(304, 'NotModified', 'Not Modified')
export const conditionalRequestConflict = (condition: string, key: string) =>
  new WireError(
    409,
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    { Condition: condition, Key: key },
  )
export const accessDenied = (detail: Detail, message: string) => new WireError(403, 'AccessDenied', message, detail)
export const accessForbidden = (message: string, detail: Detail) => new WireError(403, 'AccessForbidden', message, detail)
export const badRequest = (message: string) => new WireError(400, 'BadRequest', message)
export const noSuchBucketPolicy = (bucket: string) =>
  new WireError(404, 'NoSuchBucketPolicy', 'The bucket policy does not exist', { BucketName: bucket })
export const invalidEncryptionAlgorithm = make(
  400,
  'InvalidEncryptionAlgorithmError',
  'The Encryption request you specified is not valid. Supported value: AES256.',
)
export const invalidRange = (range: string, bytes: number) =>
  new WireError(416, 'InvalidRange', 'The requested range is not satisfiable', {
    RangeRequested: range,
    ActualObjectSize: String(bytes),
  })
export const invalidPart = make(
  400,
  'InvalidPart',
  "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
)
export const invalidPartOrder = make(
  400,
  'InvalidPartOrder',
  'The list of parts was not in ascending order. Parts must be ordered by part number.',
)
export const entityTooSmall = make(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size')
export const entityTooLarge = make(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size')
export const metadataTooLarge = make(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size')
export const badDigest = (what: string) =>
  new WireError(
    400,
    'BadDigest',
    `The ${what} you specified did not match ${what === 'Content-MD5' ? 'what we received.' : 'the calculated checksum.'}`,
  )
export const invalidDigest = make(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.')
export const contentSha256Mismatch = make(
  400,
  'XAmzContentSHA256Mismatch',
  "The provided 'x-amz-content-sha256' header does not match what was computed.",
)
export const incompleteBody = make(
  400,
  'IncompleteBody',
  'You did not provide the number of bytes specified by the Content-Length HTTP header',
)
export const missingContentLength = make(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.')
export const methodNotAllowed = make(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.')
export const notImplemented = make(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented')
export const invalidArgument = (message: string, name?: string, value?: string) =>
  new WireError(400, 'InvalidArgument', message, {
    ...(name !== undefined && { ArgumentName: name }),
    ...(value !== undefined && { ArgumentValue: value }),
  })
export const invalidRequest = (message: string) => new WireError(400, 'InvalidRequest', message)
export const malformedPost = make(
  400,
  'MalformedPOSTRequest',
  'The body of your POST request is not well-formed multipart/form-data.',
)
export const preconditionPost = () =>
  new WireError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: 'Bucket POST must be of the enclosure-type multipart/form-data',
  })
export const invalidPolicy = make(400, 'InvalidPolicyDocument', 'Invalid Policy: Invalid JSON.')
export const invalidUri = make(400, 'InvalidURI', "Couldn't parse the specified URI.")
export const invalidTag = (message: string) => new WireError(400, 'InvalidTag', message)
export const noSuchTagSet = (bucket: string) =>
  new WireError(404, 'NoSuchTagSet', 'The TagSet does not exist', { BucketName: bucket })
