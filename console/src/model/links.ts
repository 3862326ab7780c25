/** Where a visit's work can be looked at: the function, the queue, the child execution … by what it was asked and answered. */
import { isObject, type Json } from '../../../src/base/json.ts'
import { detailsOf } from '../../../src/history/history-event.ts'
import type { Visit } from '../../../src/history/visits.ts'

export interface PlaceLink {
  readonly page: string
  readonly subject: string
  readonly text: string
}

export function linksOf({ events, mapRunArn }: Visit): readonly PlaceLink[] {
  const links = new Map<string, PlaceLink>()
  const add = (page: string, subject: unknown, text = subject) => {
    if (typeof subject === 'string' && subject !== '' && typeof text === 'string')
      links.set(`${page} ${subject}`, { page, subject, text })
  }
  for (const event of events) {
    const { parameters, output, resource } = detailsOf(event)
    const asked = objectOf(parameters)
    const answered = /^Task(?:Submitted|Succeeded)$/.test(event.type) ? objectOf(output) : {}
    const functionName = asked['FunctionName'] ?? (event.type === 'LambdaFunctionScheduled' ? resource : undefined)
    if (typeof functionName === 'string') {
      const name = nameOfFunction(functionName)
      add('functions', name)
      add('logs', `/aws/lambda/${name}`)
    }
    add('topics', asked['TopicArn'], lastPart(asked['TopicArn'], ':'))
    add('queues', lastPart(asked['QueueUrl'], '/'))
    add('tables', asked['TableName'])
    add('buckets', asked['Bucket'])
    add('execution', answered['ExecutionArn'], lastPart(answered['ExecutionArn'], ':'))
  }
  add('map-run', mapRunArn, lastPart(mapRunArn, ':'))
  return [...links.values()]
}

/** Whoever started the execution with AWS's own reference to itself in the input. Source: developer guide, nested workflows. */
export function parentOf(input: string | undefined): string | undefined {
  const parent = objectOf(input)['AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID']
  return typeof parent === 'string' && parent.includes(':execution:') ? parent : undefined
}

function objectOf(text: unknown): Readonly<Record<string, Json | undefined>> {
  if (typeof text !== 'string') return {}
  try {
    const value = JSON.parse(text) as Json
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

/** `arn:aws:lambda:us-east-1:000000000000:function:name:qualifier`, `name:qualifier` or the name. */
const nameOfFunction = (text: string): string => (/:function:([^:]+)/.exec(text)?.[1] ?? text.split(':')[0]) || text

const lastPart = (text: unknown, mark: string): string | undefined =>
  typeof text === 'string' ? text.split(mark).at(-1) : undefined
