/** Polls a queue for a function: what it is given, and which messages are done with then. */
import { queueUrl } from '../../aws/paths.ts'

import { QueuePoller } from '../kit/queue-poller.ts'
import { type Message, queueRecord } from '../kit/queue-records.ts'
import { isWanted } from '../kit/source-filter.ts'

import { type EventSource, filtersOf } from './event-source-settings.ts'
import type { PolledDeps } from './polling.ts'
import { batchesOf, doneOf } from './queue-batch.ts'

export function pollQueue(source: EventSource, deps: PolledDeps): QueuePoller {
  const { sourceArn, functionArn, reportsFailures, batchSize, windowSeconds, maximumConcurrency } = source
  const { region, payloadBytesMax, invoke } = deps
  const patterns = filtersOf(source.filterCriteria)
  const wants = (message: Message) => isWanted(queueRecord(message, sourceArn, region), patterns)
  return new QueuePoller({
    ...deps,
    queueUrl: queueUrl(deps.endpoint(), sourceArn),
    batchSize,
    windowSeconds,
    concurrency: maximumConcurrency,
    names: { queue: sourceArn, function: functionArn },
    async take(batch, done) {
      const { wanted = [], unwanted = [] } = Object.groupBy(batch, (message) => (wants(message) ? 'wanted' : 'unwanted'))
      // What no filter wants is done with.
      await done(unwanted)
      for (const { messages, event } of batchesOf(wanted, { queueArn: sourceArn, region, bytesMax: payloadBytesMax })) {
        const { answer, hasFailed } = await invoke(functionArn, event)
        if (!hasFailed) await done(doneOf(messages, answer, reportsFailures))
      }
    },
  })
}
