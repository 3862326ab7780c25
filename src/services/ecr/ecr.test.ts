import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Served, serveOne } from '../kit/testing/served.ts'

import { createEcr } from './handler.ts'

const PLACE = "in the registry with id '000000000000'"
const ARN = 'arn:aws:ecr:us-east-1:000000000000:repository/team/app'
const repositoryName = 'team/app'
let served: Served
beforeEach(async () => {
  served = await serveOne(createEcr)
})
afterEach(() => served.close())

const call = (action: string, input: object = {}) => served.call(`AmazonEC2ContainerRegistry_V20150921.${action}`, input)
const refused = (text: string) => ({ refused: text, status: 400 })

test('a repository is made, described and removed', async () => {
  const made = await call('CreateRepository', { repositoryName, imageScanningConfiguration: { scanOnPush: true } })
  expect(made).toEqual({
    repository: {
      repositoryArn: ARN,
      registryId: '000000000000',
      repositoryName,
      repositoryUri: '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app',
      createdAt: served.clock.now() / 1000,
      imageTagMutability: 'MUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: 'AES256' },
    },
  })
  expect(await call('CreateRepository', { repositoryName })).toEqual(
    refused(`RepositoryAlreadyExistsException: The repository with name 'team/app' already exists ${PLACE}`),
  )
  expect(await call('DescribeRepositories', { repositoryNames: [repositoryName] })).toEqual({
    repositories: [made['repository']],
  })
  expect(await call('DeleteRepository', { repositoryName, force: true })).toEqual(made)
  expect(await call('DescribeRepositories', { repositoryNames: [repositoryName] })).toEqual(
    refused(`RepositoryNotFoundException: The repository with name 'team/app' does not exist ${PLACE}`),
  )
})

test.each([
  [
    { repositoryName: 'Team' },
    "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression",
  ],
  [{}, "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must not be null'"],
  [{ repositoryName, imageTagMutability: 'X' }, 'Member must satisfy enum value set: [MUTABLE, IMMUTABLE'],
  [{ repositoryName, imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' }, "ImageTagMutabilityExclusionFilters can't be null"],
  [{ repositoryName, tags: [{ Key: 'aws:x', Value: '' }] }, 'InvalidTagParameterException'],
])('none is made of %j', async (input, text) => {
  expect((await call('CreateRepository', input))['refused']).toContain(text)
})

test('many are listed by the page', async () => {
  for (const name of ['cc', 'aa', 'bb']) await call('CreateRepository', { repositoryName: name })
  const first = await call('DescribeRepositories', { maxResults: 2 })
  expect(first).toMatchObject({ repositories: [{ repositoryName: 'aa' }, { repositoryName: 'bb' }] })
  const second = await call('DescribeRepositories', { nextToken: first['nextToken'] })
  expect(second).toMatchObject({ repositories: [{ repositoryName: 'cc' }] })
  expect(second).not.toHaveProperty('nextToken')
  expect((await call('DescribeRepositories', { nextToken: 'x' }))['refused']).toContain('InvalidParameterException')
})

test('its settings, policies and tags are kept', async () => {
  await call('CreateRepository', { repositoryName, tags: [{ Key: 'a', Value: '1' }] })
  await call('PutImageScanningConfiguration', { repositoryName, imageScanningConfiguration: { scanOnPush: true } })
  await call('PutImageTagMutability', { repositoryName, imageTagMutability: 'IMMUTABLE' })
  expect(await call('DescribeRepositories')).toMatchObject({
    repositories: [{ imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true } }],
  })
  for (const [name, member, missing] of [
    ['LifecyclePolicy', 'lifecyclePolicyText', 'Lifecycle'],
    ['RepositoryPolicy', 'policyText', 'Repository'],
  ] as const) {
    const none = refused(
      `${name}NotFoundException: ${missing} policy does not exist for the repository with name 'team/app' ${PLACE}`,
    )
    expect(await call(`Get${name}`, { repositoryName })).toEqual(none)
    const put = name === 'LifecyclePolicy' ? 'PutLifecyclePolicy' : 'SetRepositoryPolicy'
    expect(await call(put, { repositoryName, [member]: '{"rules":[]}' })).toMatchObject({ [member]: '{"rules":[]}' })
    expect((await call(put, { repositoryName, [member]: 'no' }))['refused']).toContain('must be a JSON document')
    expect(await call(`Get${name}`, { repositoryName })).toMatchObject({ [member]: '{"rules":[]}' })
    expect(await call(`Delete${name}`, { repositoryName })).toMatchObject({ [member]: '{"rules":[]}' })
    expect(await call(`Delete${name}`, { repositoryName })).toEqual(none)
  }
  await call('TagResource', { resourceArn: ARN, tags: [{ Key: 'b', Value: '2' }] })
  await call('UntagResource', { resourceArn: ARN, tagKeys: ['a'] })
  expect(await call('ListTagsForResource', { resourceArn: ARN })).toEqual({ tags: [{ Key: 'b', Value: '2' }] })
  expect((await call('ListTagsForResource', { resourceArn: 'x' }))['refused']).toContain('Invalid ARN')
})

test('there are no images, and none can be pushed', async () => {
  await call('CreateRepository', { repositoryName })
  const imageIds = [{ imageTag: 'latest' }]
  expect(await call('ListImages', { repositoryName })).toEqual({ imageIds: [] })
  expect(await call('DescribeImages', { repositoryName })).toEqual({ imageDetails: [] })
  expect(await call('DescribeImages', { repositoryName, imageIds })).toEqual(
    refused(
      `ImageNotFoundException: The image with imageId {imageDigest:'null', imageTag:'latest'} does not exist within the repository with name 'team/app' ${PLACE}`,
    ),
  )
  const missing = { imageId: imageIds[0], failureCode: 'ImageNotFound', failureReason: 'Requested image not found' }
  expect(await call('BatchGetImage', { repositoryName, imageIds })).toEqual({ images: [], failures: [missing] })
  expect(await call('BatchDeleteImage', { repositoryName, imageIds })).toEqual({ imageIds: [], failures: [missing] })
  expect(await call('BatchCheckLayerAvailability', { repositoryName, layerDigests: ['sha256:a'] })).toMatchObject({ layers: [] })
  expect((await call('PutImage', { repositoryName, imageManifest: '{}' }))['refused']).toContain('keeps no container images')
  expect((await call('ListImages', { repositoryName: 'none' }))['refused']).toContain('RepositoryNotFoundException')
})

test('whoever logs in is told where, and there that there are no images', async () => {
  const { authorizationData } = await call('GetAuthorizationToken')
  const [{ authorizationToken, proxyEndpoint }] = authorizationData as [{ authorizationToken: string; proxyEndpoint: string }]
  expect(Buffer.from(authorizationToken, 'base64').toString()).toMatch(/^AWS:.+/)
  expect(proxyEndpoint).toBe(served.url)
  expect(await call('DescribeRegistry')).toMatchObject({ registryId: '000000000000' })
  const login = await fetch(`${proxyEndpoint}/v2/`, { headers: { authorization: `Basic ${authorizationToken}` } })
  expect(login.status).toBe(501)
  expect(await login.json()).toMatchObject({
    errors: [{ code: 'UNSUPPORTED', message: expect.stringContaining('keeps no container images') }],
  })
})
