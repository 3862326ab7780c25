/** What a turn asks for. Nothing is carried out before the events of its turn are durable. */
import type { ActivityArn, MapRunArn } from '../base/arn.ts'
import type { FrameId, TaskId } from '../base/ids.ts'
import type { Json } from '../base/json.ts'
import type { Payload } from '../base/payload.ts'

import type { TaskResource } from '../asl/program.ts'

export type Command =
  | {
      readonly type: 'RunTask'
      readonly frame: FrameId
      readonly task: TaskId
      readonly resource: Exclude<TaskResource, { kind: 'activity' }>
      readonly parameters: Payload
      readonly credentialsRoleArn: string | undefined
      /** What the service took on already (`.sync`): go on polling. */
      readonly submitted: Payload | undefined
    }
  | { readonly type: 'FindActivity'; readonly frame: FrameId; readonly activityArn: ActivityArn }
  | { readonly type: 'OfferActivity'; readonly frame: FrameId; readonly task: TaskId; readonly activityArn: ActivityArn }
  | { readonly type: 'CancelTask'; readonly task: TaskId }
  | ({ readonly type: 'StartMapRun' } & MapRunStart)
  /** A run that has ended goes on with the children that had not succeeded. */
  | ({ readonly type: 'RedriveMapRun'; readonly redriveCount: number } & MapRunStart)
  | { readonly type: 'StopMapRun'; readonly mapRunArn: MapRunArn }

/** A Map Run as the Map state's fields say, evaluated. Plain JSON: it is kept with the run. */
export interface MapRunStart {
  readonly mapRunArn: MapRunArn
  readonly frame: FrameId
  readonly mapState: string
  readonly label: string
  readonly executionType: 'STANDARD' | 'EXPRESS'
  readonly input: Json
  readonly context: Json
  readonly variables: Readonly<Record<string, Json>>
  readonly items?: Json
  readonly reader?: { readonly resource: string; readonly parameters: Json; readonly config: Json; readonly maxItems?: number }
  readonly batcher?: { readonly batchInput?: Json; readonly maxItemsPerBatch?: number; readonly maxInputBytesPerBatch?: number }
  readonly writer?: { readonly config: Json; readonly resource?: string; readonly parameters?: Json }
  readonly maxConcurrency: number
  readonly toleratedFailureCount: number
  readonly toleratedFailurePercentage: number
}
