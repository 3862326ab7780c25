import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const cloudwatch = (action: string, input: JsonObject) => stage.aws.json(SERVICES.cloudwatch, action, input)
const Tags = [{ Key: 'a', Value: '1' }]
const tagsOf = (ResourceARN: unknown) => cloudwatch('ListTagsForResource', { ResourceARN: String(ResourceARN) })

test('an alarm goes back to what goes without saying, and so do its tags', async () => {
  const least = {
    AlarmName: 'slow',
    ComparisonOperator: 'GreaterThanThreshold',
    EvaluationPeriods: '2',
    MetricName: 'ms',
    Namespace: 'app',
    Period: 60,
    Statistic: 'Average',
    Threshold: '5',
  }
  const full = {
    ...least,
    ActionsEnabled: 'false',
    AlarmDescription: 'd',
    Dimensions: [{ Name: 'a', Value: 'b' }],
    Tags,
    TreatMissingData: 'ignore',
  }
  const made = await stage.create('AWS::CloudWatch::Alarm', full)
  const Arn = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:slow'
  expect(made.deployed).toEqual({ ref: 'slow', attributes: { Arn }, change: 'created' })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::CloudWatch::Alarm', full)).rejects.toThrow('slow already exists')
  const bare = await stage.update(made, least)
  expect(bare.deployed.change).toBe('updated')
  const told = await cloudwatch('DescribeAlarms', { AlarmNames: ['slow'] })
  expect(told['MetricAlarms']).toMatchObject([{ ActionsEnabled: true, TreatMissingData: 'missing', Dimensions: [] }])
  expect(await tagsOf(Arn)).toEqual({ Tags: [] })

  const both = { AlarmName: 'both', AlarmRule: 'ALARM(slow)', AlarmDescription: 'd', Tags }
  const composite = await stage.create('AWS::CloudWatch::CompositeAlarm', both, 'Both')
  expect(composite.deployed.attributes).toEqual({ Arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:both' })
  expect((await stage.update(composite, both)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::CloudWatch::CompositeAlarm', both)).rejects.toThrow('both already exists')
  const other = await stage.update(composite, { AlarmName: 'both', AlarmRule: 'NOT ALARM(slow)' })
  expect(other.deployed.change).toBe('updated')
  for (const gone of [other, bare, other, bare]) expect(await stage.remove(gone)).toBeUndefined()
})

test('a dashboard', async () => {
  const widget = (markdown: string) => ({
    widgets: [{ type: 'text', x: 0, y: 0, width: 3, height: 3, properties: { markdown } }],
  })
  const board = (markdown: string) => ({ DashboardName: 'board', DashboardBody: JSON.stringify(widget(markdown)) })
  const made = await stage.create('AWS::CloudWatch::Dashboard', board('a'))
  expect(made.deployed).toEqual({ ref: 'board', attributes: {}, change: 'created' })
  expect((await stage.update(made, board('a'))).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::CloudWatch::Dashboard', board('a'))).rejects.toThrow('board already exists')
  const other = await stage.update(made, board('b'))
  expect((await cloudwatch('GetDashboard', { DashboardName: 'board' }))['DashboardBody']).toBe(board('b').DashboardBody)
  for (const gone of [other, other]) expect(await stage.remove(gone)).toBeUndefined()
})
