/** Names of what is on this server, for the places of a definition that name it. Read when they are first wanted, and again later. */
import { listTables } from '../api/dynamodb.ts'
import { states } from '../api/client.ts'
import { listFunctions } from '../api/lambda.ts'
import { listBuckets } from '../api/s3.ts'
import { listSns } from '../api/sns.ts'
import { listQueues } from '../api/sqs.ts'
import type { LocalKind } from './call-arguments.ts'

const FRESH_MS = 15_000

type List = (signal: AbortSignal) => Promise<readonly string[]>

const functions: List = async (signal) => (await listFunctions(undefined, signal)).items.map(({ FunctionName }) => FunctionName)
const functionArns: List = async (signal) => (await listFunctions(undefined, signal)).items.map(({ FunctionArn }) => FunctionArn)
const activities: List = async (signal) =>
  ((await states('ListActivities', { maxResults: 1_000 }, signal)).activities ?? []).flatMap(
    ({ activityArn }) => activityArn ?? [],
  )

const LISTS: Readonly<Record<LocalKind, List>> = {
  functions,
  queues: async (signal) => (await listQueues(undefined, signal)).items,
  topics: async (signal) => (await listSns('ListTopics', {}, undefined, signal)).items.flatMap(({ TopicArn }) => TopicArn ?? []),
  tables: async (signal) => (await listTables(undefined, signal)).items,
  buckets: async (signal) => (await listBuckets(signal)).map(({ name }) => name),
  machines: async (signal) =>
    ((await states('ListStateMachines', { maxResults: 1_000 }, signal)).stateMachines ?? []).flatMap(
      ({ stateMachineArn }) => stateMachineArn ?? [],
    ),
  resources: async (signal) => (await Promise.all([functionArns(signal), activities(signal)])).flat(),
}

interface Kept {
  readonly at: number
  readonly names: Promise<readonly string[]>
}

const kept = new Map<LocalKind, Kept>()
const ANSWER_MS = 2_000

/** None where they cannot be listed. */
export function namesHere(kind: LocalKind): Promise<readonly string[]> {
  const known = kept.get(kind)
  if (known && performance.now() - known.at < FRESH_MS) return known.names
  const names = LISTS[kind](AbortSignal.timeout(ANSWER_MS)).catch(() => [])
  kept.set(kind, { at: performance.now(), names })
  return names
}
