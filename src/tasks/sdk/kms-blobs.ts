/**
 * KMS's bytes in a state's parameters and results. What people wrote, a plaintext or a message, is text there; ciphertexts, keys,
 * signatures and MACs are base64, as the CLI shows them, so that one state's result is another one's parameter.
 */
import { getOwn, type JsonObject } from '../../base/json.ts'

import { asText } from '../parameters.ts'

const TEXT_IN: Readonly<Record<string, string>> = {
  encrypt: 'Plaintext',
  sign: 'Message',
  verify: 'Message',
  generateMac: 'Message',
  verifyMac: 'Message',
}
const TEXT_OUT: Readonly<Record<string, string>> = { decrypt: 'Plaintext' }

export const kmsToWire = (action: string, parameters: JsonObject): JsonObject =>
  changed(parameters, TEXT_IN[action], (text) => Buffer.from(text).toString('base64'))

export const kmsToResult = (action: string, result: JsonObject): JsonObject =>
  changed(result, TEXT_OUT[action], (base64) => Buffer.from(base64, 'base64').toString('utf8'))

function changed(members: JsonObject, name: string | undefined, change: (text: string) => string): JsonObject {
  const text = name === undefined ? undefined : asText(getOwn(members, name))
  return name === undefined || text === undefined ? members : { ...members, [name]: change(text) }
}
