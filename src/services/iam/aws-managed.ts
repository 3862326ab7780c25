/**
 * The managed policies of AWS itself. Those that AWS has published are here with their documents. A name that is not among them
 * may be of one that came later: it is taken, and grants nothing. The name of one with a wrong path is refused as AWS does.
 * Source: AWS managed policy reference (`scripts/managed-policies.mjs`).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'

import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { uniqueIdOf } from './unique-id.ts'

/** What is told of any managed policy, AWS's or one's own. */
export interface ManagedPolicy {
  readonly arn: string
  readonly name: string
  readonly path: string
  readonly policyId: string
  readonly createdMs: number
  readonly updatedMs: number
  /** The default version's number. */
  readonly version: number
}

export interface AwsPolicy extends ManagedPolicy {
  readonly document: string
}

const ARN = /^arn:aws[\w-]*:iam::aws:policy(\/(?:[\w+=,.@/-]*\/)?)([\w+=,.@-]{1,128})$/
const UNKNOWN = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] })
const EPOCH_MS = Date.UTC(2015, 1, 6)

export const isAwsManaged = (arn: string): boolean => ARN.test(arn)

/** Undefined where the ARN is of no policy of AWS. */
export function awsPolicy(arn: string): AwsPolicy | undefined {
  const [, path, name] = ARN.exec(arn) ?? []
  if (path === undefined || name === undefined) return undefined
  const known = published().get(name)
  if (known) return known.path === path ? { ...known, arn, policyId: idOf(arn) } : undefined
  return { arn, name, path, policyId: idOf(arn), createdMs: EPOCH_MS, updatedMs: EPOCH_MS, version: 1, document: UNKNOWN }
}

/** Those that AWS has published, by name. */
export const awsPolicies = (): readonly AwsPolicy[] =>
  [...published().values()].map((policy) => {
    const arn = `arn:aws:iam::aws:policy${policy.path}${policy.name}`
    return { ...policy, arn, policyId: idOf(arn) }
  })

const idOf = (arn: string) => uniqueIdOf('ANPA', arn)

type Published = Omit<AwsPolicy, 'arn' | 'policyId'>
let list: ReadonlyMap<string, Published> | undefined

/** Read when it is first asked for: 3 MB, a tenth of a second. */
function published(): ReadonlyMap<string, Published> {
  list ??= readPublished()
  return list
}

function readPublished(): ReadonlyMap<string, Published> {
  const packed = readFileSync(join(import.meta.dirname, 'managed-policies.json.br'))
  const policies = jsonOf(brotliDecompressSync(packed).toString('utf8'))
  const read = (isArray(policies) ? policies : []).flatMap((policy) => publishedOf(policy) ?? [])
  return new Map(read.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((policy) => [policy.name, policy]))
}

function publishedOf(policy: Json): Published | undefined {
  if (!isObject(policy)) return undefined
  const [name, path, document] = [getOwn(policy, 'name'), getOwn(policy, 'path'), getOwn(policy, 'document')]
  if (typeof name !== 'string' || typeof path !== 'string' || typeof document !== 'string') return undefined
  const whole = (member: string) => Number(getOwn(policy, member))
  return { name, path, document, version: whole('version'), createdMs: whole('createdMs'), updatedMs: whole('updatedMs') }
}
