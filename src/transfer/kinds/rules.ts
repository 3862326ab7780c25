/**
 * Buses of events, and their rules with targets. Rules that a service has made for itself are its own.
 * Source: EventBridge API reference, DescribeRule, ListTargetsByRule; CloudFormation, AWS::Events::Rule, AWS::Events::EventBus.
 */
import type { JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { SERVICES } from '../../aws/services.ts'
import { requiredText, textAt, textsAt } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import { pagesOf, type Source } from '../source.ts'
import { tagsIn } from '../tags.ts'

const TOKEN = ['NextToken', 'NextToken'] as const

export async function readRules(source: Source, inventory: Inventory): Promise<void> {
  const events = (action: string, input: JsonObject) => source.json(SERVICES.eventbridge, action, input)
  for (const bus of await pagesOf((token) => events('ListEventBuses', token), 'EventBuses', TOKEN)) {
    const [name, arn] = [requiredText(bus, 'Name'), requiredText(bus, 'Arn')]
    if (name.startsWith('aws.')) {
      inventory.leave('rules', name, 'it is the bus of a partner')
      continue
    }
    await inventory.attempt('rules', name, async () => {
      if (name !== 'default') inventory.add({ ...busOf(name, bus), known: { [arn]: 'Arn' } })
      const ask = (token: JsonObject) => events('ListRules', { EventBusName: name, ...token })
      for (const listed of await pagesOf(ask, 'Rules', TOKEN)) {
        const rule = requiredText(listed, 'Name')
        if (textAt(listed, 'ManagedBy') !== undefined) continue
        await inventory.attempt('rules', rule, () => readRule(rule, name, arn, source, inventory))
      }
    })
  }
}

const busOf = (name: string, bus: JsonObject) =>
  ({
    kind: 'rules',
    type: 'AWS::Events::EventBus',
    name,
    properties: { Name: name, ...(textAt(bus, 'Description') ? textsAt(bus, ['Description']) : {}) },
  }) as const

async function readRule(name: string, bus: string, busArn: string, source: Source, inventory: Inventory): Promise<void> {
  const events = (action: string, input: JsonObject) => source.json(SERVICES.eventbridge, action, input)
  const rule = await events('DescribeRule', { Name: name, EventBusName: bus })
  const arn = requiredText(rule, 'Arn')
  const ask = (token: JsonObject) => events('ListTargetsByRule', { Rule: name, EventBusName: bus, ...token })
  const targets = await pagesOf(ask, 'Targets', TOKEN)
  const pattern = jsonOf(textAt(rule, 'EventPattern') ?? '')
  inventory.add({
    kind: 'rules',
    type: 'AWS::Events::Rule',
    name,
    properties: {
      Name: name,
      ...(bus !== 'default' && { EventBusName: busArn }),
      ...textsAt(rule, ['Description', 'RoleArn', 'ScheduleExpression', 'State']),
      ...(pattern !== undefined && { EventPattern: pattern }),
      ...(targets.length > 0 && { Targets: targets }),
      ...tagsIn(await events('ListTagsForResource', { ResourceARN: arn })),
    },
    known: { [arn]: 'Arn' },
  })
}
