/** A heartbeat that is due no sooner than the task itself is never missed. Source: Amazon States Language, "Timeouts". */
import type { UntypedState } from '../document/written.ts'
import { type Rule, SCHEMA } from './rule.ts'

export const heartbeats: Rule = {
  codes: [SCHEMA],
  check({ states }, report) {
    for (const { document, at } of states) {
      const { HeartbeatSeconds: heartbeat, TimeoutSeconds: timeout }: UntypedState = document
      if (typeof heartbeat === 'number' && typeof timeout === 'number' && heartbeat >= timeout)
        report.error(SCHEMA, "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", `${at}/HeartbeatSeconds`)
    }
  },
}
