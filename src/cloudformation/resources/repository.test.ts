import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const ecr = (action: string, input: JsonObject) => stage.aws.json(SERVICES.ecr, action, input)

test('a repository loses its policies and tags; one with images stays, unless it is to be emptied', async () => {
  const full = {
    RepositoryName: 'app',
    ImageScanningConfiguration: { ScanOnPush: true },
    ImageTagMutability: 'IMMUTABLE',
    LifecyclePolicy: {
      LifecyclePolicyText: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 3 },
            action: { type: 'expire' },
          },
        ],
      }),
    },
    RepositoryPolicyText: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'ecr:*' }] },
    Tags: [{ Key: 'a', Value: '1' }],
  }
  const made = await stage.create('AWS::ECR::Repository', full)
  const Arn = 'arn:aws:ecr:us-east-1:123456789012:repository/app'
  expect(made.deployed).toMatchObject({
    ref: 'app',
    attributes: { Arn, RepositoryUri: expect.stringMatching(/\/app$/) as string },
  })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::ECR::Repository', full)).rejects.toThrow('app already exists')
  const bare = await stage.update(made, { RepositoryName: 'app' })
  expect(bare.deployed.change).toBe('updated')
  const { repositories } = await ecr('DescribeRepositories', { repositoryNames: ['app'] })
  expect(repositories).toMatchObject([{ imageTagMutability: 'MUTABLE', imageScanningConfiguration: { scanOnPush: false } }])
  await expect(ecr('GetLifecyclePolicy', { repositoryName: 'app' })).rejects.toThrow('does not exist')
  await expect(ecr('GetRepositoryPolicy', { repositoryName: 'app' })).rejects.toThrow('does not exist')
  expect(await ecr('ListTagsForResource', { resourceArn: Arn })).toEqual({ tags: [] })
  for (const gone of [bare, bare]) expect(await stage.remove(gone)).toBeUndefined()
})
