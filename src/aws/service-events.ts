/**
 * What AWS's own services tell the default event bus: a port, because PutEvents is for customers' events and takes none whose
 * source begins with `aws.`. Implemented by the embedded EventBridge, used for Step Functions' status changes.
 * Source: EventBridge user guide, "Events from AWS services"; EventBridge API reference, PutEventsRequestEntry.
 */
import type { JsonObject } from '../base/json.ts'

export interface ServiceEvent {
  /** `aws.states`. */
  readonly source: string
  readonly detailType: string
  /** ARNs. */
  readonly resources: readonly string[]
  readonly detail: JsonObject
}

export interface ServiceEventBus {
  /** Whether any event could be of use to anybody, so that none is made in vain. */
  hasListeners(): boolean
  /** All or none, in their order. Rejects where they cannot be kept. */
  publish(events: readonly ServiceEvent[]): Promise<void>
}
