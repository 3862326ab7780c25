/** KMS's JSON 1.1 face: requests to operations. */
import type { Log } from '../../base/log.ts'

import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import type { Handler } from '../../wire/http.ts'
import { apiOf } from '../../aws/operations.ts'

import { Cryptography } from './cryptography.ts'
import { Keys, type KmsDeps } from './keys.ts'
import { KmsService } from './service.ts'

export interface Kms {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  close(): void
}

export function createKms(deps: KmsDeps & { readonly log: Log }): Kms {
  const keys = new Keys(deps)
  const operations = operationsOf(new KmsService(keys), new Cryptography(keys))
  return {
    handler: createAwsJsonHandler(operations, { log: deps.log, internalCode: 'KMSInternalException', aws: apiOf('kms') }),
    operations: () => operations.keys(),
    close() {},
  }
}

function operationsOf(service: KmsService, cryptography: Cryptography): Map<string, JsonOperation> {
  return new Map<string, JsonOperation>([
    ['CreateKey', (input) => service.createKey(input)],
    ['DescribeKey', (input) => service.describeKey(input)],
    ['ListKeys', (input) => service.listKeys(input)],
    ['UpdateKeyDescription', (input) => service.updateKeyDescription(input)],
    ['EnableKey', (input) => service.enableKey(input)],
    ['DisableKey', (input) => service.disableKey(input)],
    ['ScheduleKeyDeletion', (input) => service.scheduleKeyDeletion(input)],
    ['CancelKeyDeletion', (input) => service.cancelKeyDeletion(input)],
    ['GetKeyRotationStatus', (input) => service.getKeyRotationStatus(input)],
    ['EnableKeyRotation', (input) => service.enableKeyRotation(input)],
    ['DisableKeyRotation', (input) => service.disableKeyRotation(input)],
    ['RotateKeyOnDemand', (input) => service.rotateKeyOnDemand(input)],
    ['ListKeyRotations', (input) => service.listKeyRotations(input)],
    ['CreateAlias', (input) => service.createAlias(input)],
    ['UpdateAlias', (input) => service.updateAlias(input)],
    ['DeleteAlias', (input) => service.deleteAlias(input)],
    ['ListAliases', (input) => service.listAliases(input)],
    ['GetKeyPolicy', (input) => service.getKeyPolicy(input)],
    ['PutKeyPolicy', (input) => service.putKeyPolicy(input)],
    ['ListKeyPolicies', (input) => service.listKeyPolicies(input)],
    ['TagResource', (input) => service.tagResource(input)],
    ['UntagResource', (input) => service.untagResource(input)],
    ['ListResourceTags', (input) => service.listResourceTags(input)],
    ['Encrypt', (input) => cryptography.encrypt(input)],
    ['Decrypt', (input) => cryptography.decrypt(input)],
    ['ReEncrypt', (input) => cryptography.reEncrypt(input)],
    ['GenerateDataKey', (input) => cryptography.generateDataKey(input)],
    ['GenerateDataKeyWithoutPlaintext', (input) => cryptography.generateDataKeyWithoutPlaintext(input)],
    ['GenerateDataKeyPair', (input) => cryptography.generateDataKeyPair(input)],
    ['GenerateDataKeyPairWithoutPlaintext', (input) => cryptography.generateDataKeyPairWithoutPlaintext(input)],
    ['GenerateRandom', (input) => cryptography.generateRandom(input)],
    ['Sign', (input) => cryptography.sign(input)],
    ['Verify', (input) => cryptography.verify(input)],
    ['GetPublicKey', (input) => cryptography.getPublicKey(input)],
    ['GenerateMac', (input) => cryptography.generateMac(input)],
    ['VerifyMac', (input) => cryptography.verifyMac(input)],
  ])
}
