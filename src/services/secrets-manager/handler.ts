/** Secrets Manager's JSON 1.1 face: requests to operations. */
import type { Log } from '../../base/log.ts'

import { createAwsJsonHandler, type JsonOperation } from '../../wire/aws-json.ts'
import type { Handler } from '../../wire/http.ts'
import { apiOf } from '../../aws/operations.ts'

import { type SecretsDeps, SecretsService } from './service.ts'

export interface SecretsManager {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  close(): void
}

export function createSecretsManager(deps: SecretsDeps & { readonly log: Log }): SecretsManager {
  const operations = operationsOf(new SecretsService(deps))
  return {
    handler: createAwsJsonHandler(operations, {
      log: deps.log,
      internalCode: 'InternalServiceError',
      aws: apiOf('secretsmanager'),
    }),
    operations: () => operations.keys(),
    close() {},
  }
}

function operationsOf(service: SecretsService): Map<string, JsonOperation> {
  return new Map<string, JsonOperation>([
    ['CreateSecret', (input) => service.createSecret(input)],
    ['UpdateSecret', (input) => service.updateSecret(input)],
    ['DescribeSecret', (input) => service.describeSecret(input)],
    ['ListSecrets', (input) => service.listSecrets(input)],
    ['DeleteSecret', (input) => service.deleteSecret(input)],
    ['RestoreSecret', (input) => service.restoreSecret(input)],
    ['PutSecretValue', (input) => service.putSecretValue(input)],
    ['GetSecretValue', (input) => service.getSecretValue(input)],
    ['BatchGetSecretValue', (input) => service.batchGetSecretValue(input)],
    ['GetRandomPassword', (input) => service.getRandomPassword(input)],
    ['ListSecretVersionIds', (input) => service.listSecretVersionIds(input)],
    ['UpdateSecretVersionStage', (input) => service.updateSecretVersionStage(input)],
    ['TagResource', (input) => service.tagResource(input)],
    ['UntagResource', (input) => service.untagResource(input)],
    ['GetResourcePolicy', (input) => service.getResourcePolicy(input)],
    ['PutResourcePolicy', (input) => service.putResourcePolicy(input)],
    ['DeleteResourcePolicy', (input) => service.deleteResourcePolicy(input)],
  ])
}
