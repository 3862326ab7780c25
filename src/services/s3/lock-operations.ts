/**
 * Retention and legal holds of objects: kept with the object, told, and not enforced.
 * Source: Amazon S3 API reference, GetObjectRetention to PutObjectLegalHold.
 */
import { WireError } from '../../wire/errors.ts'
import { malformedXml, parseRestXml } from '../../wire/rest-xml.ts'
import { childText, element } from '../../wire/xml.ts'

import { answerEmpty, answerXml, type Call, NAMESPACE, nameOf, readXmlBody } from './call.ts'
import { invalidRequest } from './errors.ts'

const MODE = 'x-amz-object-lock-mode'
const UNTIL = 'x-amz-object-lock-retain-until-date'
const HOLD = 'x-amz-object-lock-legal-hold'
const xmlns = { xmlns: NAMESPACE }

export function getObjectRetention(call: Call): void {
  const kept = readLock(call)
  const [mode, until] = [kept.get(MODE), kept.get(UNTIL)]
  if (mode === undefined || until === undefined) throw noSuchLock()
  answerXml(call, element('Retention', [element('Mode', mode), element('RetainUntilDate', until)], xmlns))
}

export async function putObjectRetention(call: Call): Promise<void> {
  readLock(call)
  const root = parseRestXml(await readXmlBody(call), 'Retention')
  const [mode, until] = [childText(root, 'Mode'), childText(root, 'RetainUntilDate')]
  if (mode === undefined && until === undefined) return writeLock(call, [MODE, UNTIL], [])
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || until === undefined || Number.isNaN(Date.parse(until)))
    throw malformedXml()
  writeLock(
    call,
    [MODE, UNTIL],
    [
      [MODE, mode],
      [UNTIL, until],
    ],
  )
}

export function getObjectLegalHold(call: Call): void {
  const status = readLock(call).get(HOLD)
  if (status === undefined) throw noSuchLock()
  answerXml(call, element('LegalHold', element('Status', status), xmlns))
}

export async function putObjectLegalHold(call: Call): Promise<void> {
  readLock(call)
  const status = childText(parseRestXml(await readXmlBody(call), 'LegalHold'), 'Status')
  if (status !== 'ON' && status !== 'OFF') throw malformedXml()
  writeLock(call, [HOLD], [[HOLD, status]])
}

/** Throws where the bucket was not made for it. */
function readLock(call: Call): ReadonlyMap<string, string> {
  call.service.requireBucket(call.bucket)
  if (call.service.settings.text(call.bucket, 'object-lock') === undefined)
    throw invalidRequest('Bucket is missing Object Lock Configuration')
  return new Map(call.service.headObject(call.bucket, nameOf(call)).headers)
}

function writeLock(call: Call, names: readonly string[], lock: readonly (readonly [string, string])[]): void {
  const { headers } = call.service.headObject(call.bucket, nameOf(call))
  const others = headers.filter(([name]) => !names.includes(name))
  call.service.changeObject(call.bucket, nameOf(call), { headers: [...others, ...lock] })
  answerEmpty(call, 200)
}

const noSuchLock = () =>
  new WireError(404, 'NoSuchObjectLockConfiguration', 'The specified object does not have a ObjectLock configuration')
