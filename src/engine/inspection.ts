/**
 * What a state's data looked like after each step of its way, for TestState. A turn keeps it only when somebody asks.
 * Source: API reference, InspectionData.
 */
import type { Payload } from '../base/payload.ts'

export interface Inspection {
  afterInputPath?: Payload
  afterParameters?: Payload
  afterArguments?: Payload
  result?: Payload
  afterResultSelector?: Payload
  afterResultPath?: Payload
  afterItemsPath?: Payload
  afterItemsPointer?: Payload
  afterItemSelector?: Payload
  afterItemBatcher?: Payload
  toleratedFailureCount?: number
  toleratedFailurePercentage?: number
  maxConcurrency?: number
}
