/**
 * What Parameter Store asks of other services, over the wire: KMS encrypts the values of SecureStrings, each bound to its
 * parameter; Secrets Manager gives what is named by reference.
 * Source: AWS KMS developer guide, "How Parameter Store uses KMS" (encryption context); Systems Manager user guide,
 * "Referencing Secrets Manager secrets from Parameter Store parameters".
 */
import { getOwn, isArray, type JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { WireError } from '../../wire/errors.ts'
import { callJson } from '../../aws/call.ts'
import { type Endpoints, endpointsAt } from '../../aws/endpoints.ts'
import { type CallFailure, describeFailure } from '../../aws/failure.ts'
import { type JsonService, SERVICES } from '../../aws/services.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import { ssmError } from './errors.ts'

/** What KMS takes at once; an advanced parameter may be longer. */
const PIECE_BYTES = 4096

export type VaultDeps = Pick<ServiceDeps, 'endpoint' | 'region' | 'credentials'>

export class Vault {
  readonly #endpoints: Endpoints

  constructor({ endpoint, region, credentials }: VaultDeps) {
    this.#endpoints = endpointsAt(() => ({ endpoint: endpoint(), region, credentials: credentials?.() }))
  }

  /** Throws InvalidKeyId where KMS refuses the key. */
  async close(value: string, KeyId: string, arn: string): Promise<string> {
    const bytes = Buffer.from(value)
    const pieces: string[] = []
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const Plaintext = bytes.subarray(at, at + PIECE_BYTES).toString('base64')
      pieces.push(await this.#kms('Encrypt', { KeyId, Plaintext, EncryptionContext: contextOf(arn) }, 'CiphertextBlob'))
    }
    return pieces.length === 1 ? (pieces[0] ?? '') : JSON.stringify(pieces)
  }

  async open(closed: string, arn: string): Promise<string> {
    const found: Buffer[] = []
    for (const CiphertextBlob of piecesOf(closed))
      found.push(
        Buffer.from(await this.#kms('Decrypt', { CiphertextBlob, EncryptionContext: contextOf(arn) }, 'Plaintext'), 'base64'),
      )
    return Buffer.concat(found).toString('utf8')
  }

  /** The members of GetSecretValue's answer. Throws ParameterNotFound. */
  async secret(SecretId: string, selector: string | undefined): Promise<JsonObject> {
    const isVersion = selector !== undefined && /^[0-9a-f-]{32,64}$/i.test(selector)
    const which = selector === undefined ? {} : isVersion ? { VersionId: selector } : { VersionStage: selector }
    const called = await callJson(this.#endpoints, SERVICES.secretsmanager, 'GetSecretValue', { SecretId, ...which })
    if (called.ok) return called.value.body
    const text = `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret /aws/reference/secretsmanager/${SecretId} not found.`
    throw called.error.kind === 'service'
      ? ssmError('ParameterNotFound', text)
      : unreachable(SERVICES.secretsmanager, called.error)
  }

  async #kms(action: string, input: JsonObject, member: string): Promise<string> {
    const called = await callJson(this.#endpoints, SERVICES.kms, action, input)
    if (!called.ok) throw keyRefused(called.error)
    return String(getOwn(called.value.body, member) ?? '')
  }
}

const contextOf = (arn: string) => ({ PARAMETER_ARN: arn })

function piecesOf(closed: string): readonly string[] {
  const list = closed.startsWith('[') ? jsonOf(closed) : undefined
  return isArray(list) ? list.map(String) : [closed]
}

function keyRefused(failure: CallFailure): WireError {
  if (failure.kind !== 'service') return unreachable(SERVICES.kms, failure)
  const { code, message, status, requestId } = failure
  return ssmError('InvalidKeyId', `${message} (Service: Kms, Status Code: ${status}, Request ID: ${requestId}) (${code})`)
}

const unreachable = (service: JsonService, failure: CallFailure): WireError =>
  new WireError(500, 'InternalServerError', `${service.sdk} could not be asked: ${describeFailure(failure)}`)
