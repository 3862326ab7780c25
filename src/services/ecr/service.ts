/** ECR's actions. Source: Amazon ECR API reference. */
import { randomBytes } from 'node:crypto'

import { getOwn, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { objectList } from '../kit/input.ts'
import { cutPage } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS, removeTags, type Tags, tagList, tagsObject } from '../kit/tags.ts'

import {
  imageNotFound,
  invalidParameter,
  lifecyclePolicyNotFound,
  noImages,
  type Place,
  repositoryExists,
  repositoryNotFound,
  repositoryPolicyNotFound,
  TAG_ERRORS,
} from './errors.ts'
import {
  readDocument,
  readEncryption,
  readMutability,
  readName,
  readScanning,
  readTags,
  readText,
  readTexts,
  readWhole,
} from './input.ts'
import { type RepositoryRow, RepositoryStore } from './repository-store.ts'

export type EcrDeps = Pick<ServiceDeps, 'database' | 'region' | 'account' | 'clock' | 'endpoint' | 'publicUrl'>

const PAGE_MAX = 1000
const PAGE = 100
const IMAGES_MAX = 100
const TOKEN_HOURS = 12
const HOUR_MS = 3_600_000
const TOKENS = pageTokens('ecr', () => invalidParameter('The NextToken is invalid.'))

export class EcrService {
  readonly #deps: EcrDeps
  readonly #store: RepositoryStore

  constructor(deps: EcrDeps) {
    this.#deps = deps
    this.#store = new RepositoryStore(deps.database, deps.clock)
  }

  // ---- repositories ----

  createRepository(input: JsonObject): JsonObject {
    const name = readName(input)
    const settings = {
      ...readMutability(input),
      imageScanningConfiguration: readScanning(input),
      encryptionConfiguration: readEncryption(input, `${this.#arnOf('kms', 'alias/aws/ecr')}`),
    }
    const tags = addTags(NO_TAGS, readTags(input), TAG_ERRORS)
    if (this.#store.find(name)) throw repositoryExists(this.#place(name))
    return { repository: this.#render(this.#store.create(name, JSON.stringify(settings), printTags(tags))) }
  }

  describeRepositories(input: JsonObject): JsonObject {
    const names = readTexts(input, 'repositoryNames')
    if (names !== undefined && names.length > 0) return { repositories: names.map((name) => this.#render(this.#named(name))) }
    const size = readWhole(input, 'maxResults', 1, PAGE_MAX) ?? PAGE
    const after = TOKENS.placeOf(readText(input, 'nextToken', 4096))
    const { items, last } = cutPage(this.#store.list(after, size + 1), size)
    return {
      repositories: items.map((repository) => this.#render(repository)),
      ...(last && { nextToken: TOKENS.print([last.name]) }),
    }
  }

  deleteRepository(input: JsonObject): JsonObject {
    const repository = this.#repository(input)
    this.#store.remove(repository)
    return { repository: this.#render(repository) }
  }

  putImageScanningConfiguration(input: JsonObject): JsonObject {
    return this.#set(input, { imageScanningConfiguration: readScanning(input) })
  }

  putImageTagMutability(input: JsonObject): JsonObject {
    return this.#set(input, readMutability(input))
  }

  #set(input: JsonObject, setting: JsonObject): JsonObject {
    const repository = this.#repository(input)
    const { imageTagMutabilityExclusionFilters: filters, ...known } = objectOf(repository.settings) ?? {}
    const kept =
      'imageTagMutability' in setting || filters === undefined ? known : { ...known, imageTagMutabilityExclusionFilters: filters }
    this.#store.change(repository, { settings: JSON.stringify({ ...kept, ...setting }) })
    return { ...this.#identify(repository), ...setting }
  }

  // ---- policies ----

  putLifecyclePolicy(input: JsonObject): JsonObject {
    const lifecyclePolicy = readDocument(input, 'lifecyclePolicyText', 30_720)
    return this.#renderLifecycle(this.#store.change(this.#repository(input), { lifecyclePolicy }), lifecyclePolicy)
  }

  getLifecyclePolicy(input: JsonObject): JsonObject {
    const { repository, text } = this.#lifecycle(input)
    return { ...this.#renderLifecycle(repository, text), lastEvaluatedAt: this.#deps.clock.now() / 1000 }
  }

  deleteLifecyclePolicy(input: JsonObject): JsonObject {
    const { repository, text } = this.#lifecycle(input)
    this.#store.change(repository, { lifecyclePolicy: null })
    return { ...this.#renderLifecycle(repository, text), lastEvaluatedAt: this.#deps.clock.now() / 1000 }
  }

  setRepositoryPolicy(input: JsonObject): JsonObject {
    const policyText = readDocument(input, 'policyText', 10_240)
    return { ...this.#identify(this.#store.change(this.#repository(input), { policy: policyText })), policyText }
  }

  getRepositoryPolicy(input: JsonObject): JsonObject {
    const repository = this.#repository(input)
    if (repository.policy === null) throw repositoryPolicyNotFound(this.#place(repository.name))
    return { ...this.#identify(repository), policyText: repository.policy }
  }

  deleteRepositoryPolicy(input: JsonObject): JsonObject {
    const answer = this.getRepositoryPolicy(input)
    this.#store.change(this.#repository(input), { policy: null })
    return answer
  }

  #lifecycle(input: JsonObject): { readonly repository: RepositoryRow; readonly text: string } {
    const repository = this.#repository(input)
    if (repository.lifecyclePolicy === null) throw lifecyclePolicyNotFound(this.#place(repository.name))
    return { repository, text: repository.lifecyclePolicy }
  }

  #renderLifecycle(repository: RepositoryRow, lifecyclePolicyText: string): JsonObject {
    return { ...this.#identify(repository), lifecyclePolicyText }
  }

  // ---- images, of which there are none ----

  listImages(input: JsonObject): JsonObject {
    this.#repository(input)
    return { imageIds: [] }
  }

  describeImages(input: JsonObject): JsonObject {
    const { name } = this.#repository(input)
    const first = objectList(input, 'imageIds')[0]
    if (first) throw imageNotFound(imageText(first), this.#place(name))
    return { imageDetails: [] }
  }

  batchGetImage(input: JsonObject): JsonObject {
    return { images: [], ...this.#failures(input) }
  }

  batchDeleteImage(input: JsonObject): JsonObject {
    return { imageIds: [], ...this.#failures(input) }
  }

  batchCheckLayerAvailability(input: JsonObject): JsonObject {
    this.#repository(input)
    const failures = (readTexts(input, 'layerDigests') ?? []).map((layerDigest) => ({
      layerDigest,
      failureCode: 'MissingLayerDigest',
      failureReason: 'The layer does not exist.',
    }))
    return { layers: [], failures }
  }

  /** PutImage and what goes before it. */
  refusePush(input: JsonObject): JsonObject {
    this.#repository(input)
    throw noImages()
  }

  #failures(input: JsonObject): JsonObject {
    this.#repository(input)
    const ids = objectList(input, 'imageIds')
    if (ids.length > IMAGES_MAX) throw invalidParameter(`No more than ${IMAGES_MAX} images can be asked for at a time.`)
    const failures = ids.map((imageId) => ({
      imageId,
      failureCode: 'ImageNotFound',
      failureReason: 'Requested image not found',
    }))
    return { failures }
  }

  // ---- registry ----

  getAuthorizationToken(): JsonObject {
    const password = randomBytes(48).toString('base64url')
    const { publicUrl, endpoint, clock } = this.#deps
    return {
      authorizationData: [
        {
          authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
          expiresAt: (clock.now() + TOKEN_HOURS * HOUR_MS) / 1000,
          proxyEndpoint: (publicUrl ?? endpoint)(),
        },
      ],
    }
  }

  describeRegistry(): JsonObject {
    return { registryId: this.#deps.account, replicationConfiguration: { rules: [] } }
  }

  // ---- tags ----

  tagResource(input: JsonObject): JsonObject {
    const repository = this.#byArn(input)
    this.#store.change(repository, { tags: printTags(addTags(tagsIn(repository), readTags(input), TAG_ERRORS)) })
    return {}
  }

  untagResource(input: JsonObject): JsonObject {
    const repository = this.#byArn(input)
    this.#store.change(repository, { tags: printTags(removeTags(tagsIn(repository), readTexts(input, 'tagKeys') ?? [])) })
    return {}
  }

  listTagsForResource(input: JsonObject): JsonObject {
    return { tags: tagList(tagsIn(this.#byArn(input))) }
  }

  // ---- shared ----

  #repository(input: JsonObject): RepositoryRow {
    const name = readName(input)
    const registryId = readText(input, 'registryId') ?? this.#deps.account
    if (registryId !== this.#deps.account) throw repositoryNotFound({ name, registryId })
    return this.#named(name)
  }

  #named(name: string): RepositoryRow {
    const repository = this.#store.find(name)
    if (!repository) throw repositoryNotFound(this.#place(name))
    return repository
  }

  #byArn(input: JsonObject): RepositoryRow {
    const arn = readText(input, 'resourceArn') ?? ''
    const name = /^arn:[^:]*:ecr:[^:]*:\d{12}:repository\/(.+)$/.exec(arn)?.[1]
    if (name === undefined)
      throw invalidParameter("Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'")
    return this.#named(name)
  }

  #place(name: string): Place {
    return { name, registryId: this.#deps.account }
  }

  #identify({ name }: RepositoryRow): JsonObject {
    return { registryId: this.#deps.account, repositoryName: name }
  }

  #render({ name, settings, createdMs }: RepositoryRow): JsonObject {
    const { region, account } = this.#deps
    return {
      repositoryArn: this.#arnOf('ecr', `repository/${name}`),
      registryId: account,
      repositoryName: name,
      repositoryUri: `${account}.dkr.ecr.${region}.amazonaws.com/${name}`,
      createdAt: createdMs / 1000,
      ...objectOf(settings),
    }
  }

  #arnOf(service: string, resource: string): string {
    return `arn:aws:${service}:${this.#deps.region}:${this.#deps.account}:${resource}`
  }
}

const printTags = (tags: Tags): string => JSON.stringify(tagsObject(tags))
const tagsIn = ({ tags }: RepositoryRow): Tags =>
  new Map(Object.entries(objectOf(tags) ?? {}).map(([key, value]) => [key, String(value)]))

const imageText = (id: JsonObject): string =>
  `{imageDigest:'${getOwn(id, 'imageDigest') ?? 'null'}', imageTag:'${getOwn(id, 'imageTag') ?? 'null'}'}`
