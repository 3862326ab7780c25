/**
 * The policy of a form upload: until when it holds, and what the form may say. That it is signed is looked at, the signature is
 * not judged, as nowhere here.
 * Source: Amazon S3 API reference, "POST Policy"; texts as S3 answers them.
 */
import { objectOf } from '../../base/json-text.ts'
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import { accessDenied, invalidPolicy } from './errors.ts'

export interface SizeRange {
  readonly min: number
  readonly max: number
}

/** Fields that no condition need name. */
const FREE = /^(?:x-amz-signature|signature|awsaccesskeyid|file|policy|x-ignore-.*)$/

/** `fields` with the bucket among them. Throws AccessDenied for what the policy does not allow; the size is the caller's to keep. */
export function checkPolicy(fields: ReadonlyMap<string, string>, nowMs: number): SizeRange | undefined {
  const text = fields.get('policy')
  if (text === undefined || !isSigned(fields)) throw accessDenied({}, 'Access Denied')
  const policy = objectOf(Buffer.from(text, 'base64').toString('utf8'))
  const conditions = policy && getOwn(policy, 'conditions')
  const until = Date.parse(String(policy && getOwn(policy, 'expiration')))
  if (!isArray(conditions) || Number.isNaN(until)) throw invalidPolicy()
  if (until <= nowMs) throw refused('Policy expired.')
  const named = new Set<string>()
  let size: SizeRange | undefined
  for (const condition of conditions.flatMap(conditionsIn)) {
    if (condition.kind === 'size') size = condition
    else {
      named.add(condition.field)
      if (!holds(condition, fields.get(condition.field) ?? '')) throw refused(`Policy Condition failed: ${condition.shown}`)
    }
  }
  const extra = [...fields.keys()].find((name) => name !== 'bucket' && !named.has(name) && !FREE.test(name))
  if (extra !== undefined) throw refused(`Extra input fields: ${extra}`)
  return size
}

const refused = (reason: string) => accessDenied({}, `Invalid according to Policy: ${reason}`)

/** Version 4, or the older one. */
function isSigned(fields: ReadonlyMap<string, string>): boolean {
  const isV4 =
    fields.get('x-amz-algorithm') === 'AWS4-HMAC-SHA256' &&
    /^.+\/\d{8}\/[^/]+\/s3\/aws4_request$/.test(fields.get('x-amz-credential') ?? '') &&
    /^[0-9a-f]{64}$/i.test(fields.get('x-amz-signature') ?? '')
  return isV4 || (Boolean(fields.get('awsaccesskeyid')) && Boolean(fields.get('signature')))
}

type Condition =
  | { readonly kind: 'eq' | 'starts-with'; readonly field: string; readonly value: string; readonly shown: string }
  | ({ readonly kind: 'size' } & SizeRange)

/** `{"acl": "private"}`, `["eq", "$key", "a"]`, `["starts-with", "$key", ""]`, `["content-length-range", 0, 10]`. */
function conditionsIn(condition: Json): readonly Condition[] {
  if (isObject(condition)) return Object.entries(condition).map(([name, value]) => plain('eq', name, value))
  const [operator, first, second] = isArray(condition) && condition.length === 3 ? condition : []
  const kind = typeof operator === 'string' ? operator.toLowerCase() : ''
  if (kind === 'content-length-range') {
    const [min, max] = [Number(first), Number(second)]
    if (!(min >= 0 && max >= min)) throw invalidPolicy()
    return [{ kind: 'size', min, max }]
  }
  if ((kind !== 'eq' && kind !== 'starts-with') || typeof first !== 'string' || !first.startsWith('$')) throw invalidPolicy()
  return [plain(kind, first.slice(1), second ?? null)]
}

function plain(kind: 'eq' | 'starts-with', name: string, value: Json): Condition {
  if (typeof value !== 'string') throw invalidPolicy()
  return { kind, field: name.toLowerCase(), value, shown: JSON.stringify([kind, `$${name}`, value]) }
}

/** Of types that a form lists by commas each must begin so. */
function holds({ kind, field, value }: Extract<Condition, { field: string }>, given: string): boolean {
  if (kind === 'eq') return given === value
  return field === 'content-type' ? given.split(',').every((one) => one.trim().startsWith(value)) : given.startsWith(value)
}
