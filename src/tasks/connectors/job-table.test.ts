import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { JOB_SERVICES } from './job-table.ts'

const jobs = [...JOB_SERVICES].flatMap(([service, { jobs = {} }]) =>
  Object.entries(jobs).map(([action, job]) => ({ name: `${service}:${action}`, job })),
)
const jobOf = (name: string) => jobs.find((one) => one.name === name)?.job

describe('jobs', () => {
  it.each(jobs)('$name ends one way only', ({ job }) => {
    expect(job.succeeded).not.toEqual([])
    expect(job.succeeded.filter((status) => job.failed.includes(status))).toEqual([])
  })

  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['glue:startJobRun', { JobName: 'j' }, { JobRunId: 'r' }, { JobName: 'j', RunId: 'r' }],
    ['sagemaker:createTrainingJob', { TrainingJobName: 't' }, { TrainingJobArn: 'a' }, { TrainingJobName: 't' }],
    ['emr-serverless:startJobRun', { ApplicationId: 'a' }, { JobRunId: 'r' }, { ApplicationId: 'a', JobRunId: 'r' }],
    ['emr-containers:startJobRun', { VirtualClusterId: 'v' }, { Id: 'i' }, { VirtualClusterId: 'v', Id: 'i' }],
    ['mediaconvert:createJob', {}, { Job: { Id: 'm' } }, { Id: 'm' }],
    ['codebuild:startBuildBatch', {}, { BuildBatch: { Id: 'b' } }, { Ids: ['b'] }],
    ['eks:createNodegroup', { ClusterName: 'c', NodegroupName: 'n', Subnets: [] }, {}, { ClusterName: 'c', NodegroupName: 'n' }],
  ])('%s is described by what it was given and answered', (name, given, submitted, expected) =>
    expect(jobOf(name)?.parameters(given, submitted)).toEqual(expected),
  )
})
