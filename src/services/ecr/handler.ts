/** ECR's JSON 1.1 face, and the registry's, which takes and gives no images. Source: OCI distribution specification, "Error Codes". */
import type { Log } from '../../base/log.ts'

import { createAwsJsonHandler, jsonTargetOf, type JsonOperation } from '../../wire/aws-json.ts'
import { drainBody, type Handler, sendJson } from '../../wire/http.ts'
import { apiOf } from '../../aws/operations.ts'

import { NO_IMAGES } from './errors.ts'
import { type EcrDeps, EcrService } from './service.ts'

export interface Ecr {
  readonly handler: Handler
  readonly operations: () => Iterable<string>
  close(): void
}

export function createEcr(deps: EcrDeps & { readonly log: Log }): Ecr {
  const service = new EcrService(deps)
  const refusePush: JsonOperation = (input) => service.refusePush(input)
  const operations = operationsOf(service, refusePush)
  const api = createAwsJsonHandler(operations, {
    log: deps.log,
    internalCode: 'ServerException',
    aws: apiOf('ecr'),
  })
  return {
    handler: (req, res) => (jsonTargetOf(req) === undefined ? refuse(req, res) : api(req, res)),
    operations: () => [...operations].flatMap(([name, run]) => (run === refusePush ? [] : [name])),
    close() {},
  }
}

/** What `docker login`, `push` and `pull` speak. */
const refuse: Handler = async (req, res) => {
  await drainBody(req)
  sendJson(
    res,
    { errors: [{ code: 'UNSUPPORTED', message: NO_IMAGES, detail: null }] },
    { status: 501, headers: { 'docker-distribution-api-version': 'registry/2.0' } },
  )
}

function operationsOf(service: EcrService, refusePush: JsonOperation): Map<string, JsonOperation> {
  return new Map<string, JsonOperation>([
    ['CreateRepository', (input) => service.createRepository(input)],
    ['DescribeRepositories', (input) => service.describeRepositories(input)],
    ['DeleteRepository', (input) => service.deleteRepository(input)],
    ['PutImageScanningConfiguration', (input) => service.putImageScanningConfiguration(input)],
    ['PutImageTagMutability', (input) => service.putImageTagMutability(input)],
    ['PutLifecyclePolicy', (input) => service.putLifecyclePolicy(input)],
    ['GetLifecyclePolicy', (input) => service.getLifecyclePolicy(input)],
    ['DeleteLifecyclePolicy', (input) => service.deleteLifecyclePolicy(input)],
    ['SetRepositoryPolicy', (input) => service.setRepositoryPolicy(input)],
    ['GetRepositoryPolicy', (input) => service.getRepositoryPolicy(input)],
    ['DeleteRepositoryPolicy', (input) => service.deleteRepositoryPolicy(input)],
    ['ListImages', (input) => service.listImages(input)],
    ['DescribeImages', (input) => service.describeImages(input)],
    ['BatchGetImage', (input) => service.batchGetImage(input)],
    ['BatchDeleteImage', (input) => service.batchDeleteImage(input)],
    ['BatchCheckLayerAvailability', (input) => service.batchCheckLayerAvailability(input)],
    ['PutImage', refusePush],
    ['InitiateLayerUpload', refusePush],
    ['UploadLayerPart', refusePush],
    ['CompleteLayerUpload', refusePush],
    ['GetAuthorizationToken', () => service.getAuthorizationToken()],
    ['DescribeRegistry', () => service.describeRegistry()],
    ['TagResource', (input) => service.tagResource(input)],
    ['UntagResource', (input) => service.untagResource(input)],
    ['ListTagsForResource', (input) => service.listTagsForResource(input)],
  ])
}
