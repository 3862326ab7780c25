/**
 * The compiled program: what a definition becomes once it has been read, checked and bound. Immutable and shared by all
 * executions of one revision. State names are unique over the whole machine, so one flat table holds every state, those
 * of branches and item processors too; a block only says where it starts.
 */
import type { ActivityArn } from '../base/arn.ts'
import type { Json } from '../base/json.ts'
import type { JsonataLimits } from '../base/limits.ts'
import type { Result } from '../base/result.ts'

import type { Work } from '../expr/work.ts'

export type QueryLanguage = 'JSONPath' | 'JSONata'

/** What an expression of either language may see while a state runs. */
export interface EvaluationScope {
  /** `$`, the root of JSONPath. */
  readonly input: Json
  /** `$$`, the context object; built on demand. */
  context(): Json
  /** `$states`, the root of JSONata: input, result, errorOutput, context as far as the field may see them. */
  states(): Json
  /** `$name`: a variable assigned in this scope or an outer one. */
  variable(name: string): Json | undefined
  readonly draws: Draws
  /** Shared by all that one state evaluates. */
  readonly work?: Work
  /** AWS's where none are given. */
  readonly jsonata?: JsonataLimits
}

/** Chance and time for expressions, drawn from the turn's seed and instant. */
export interface Draws {
  uuid(): string
  next(): number
  /** Epoch milliseconds of the turn. */
  readonly now: number
}

/**
 * Why a field has no value. `cause` lacks the opening "An error occurred while executing the state …" which the engine
 * puts before it. With a `location` it is a JSONata failure, which the history shows as an EvaluationFailed event.
 */
export interface EvaluationFailure {
  readonly error: string
  readonly cause: string
  readonly location?: string
}

/** A field of a state, in whichever language: literal, path, intrinsic, payload template or JSONata. */
export interface FieldValue {
  /** The field as written: `SecondsPath`, `Arguments`. */
  readonly field: string
  /** Its text as written, for messages: `$.timer_seconds`. */
  readonly text: string
  readonly isConstant: boolean
  evaluate(scope: EvaluationScope): Result<Json, EvaluationFailure>
}

/** Where ResultPath may write. */
export interface ResultPath {
  readonly text: string
  /** True for `$`: the result takes the input's place. */
  readonly isRoot: boolean
  write(target: Json, value: Json): Result<Json, EvaluationFailure>
}

export interface Program {
  /** The definition's own text. */
  readonly definition: string
  readonly queryLanguage: QueryLanguage
  readonly startAt: string
  readonly timeoutSeconds: number | undefined
  readonly states: ReadonlyMap<string, State>
  /** State name -> the variables it mentions, as DescribeStateMachine's `variableReferences` lists them. */
  readonly variableReferences: Readonly<Record<string, readonly string[]>>
}

/** A nested `States` block: a Parallel branch or an item processor. Its states stand in the program's table. */
export interface Block {
  readonly startAt: string
  readonly stateNames: readonly string[]
}

export type State = PassState | TaskState | ChoiceState | WaitState | SucceedState | FailState | ParallelState | MapState
export type StateType = State['type']

interface StateBase {
  readonly name: string
  readonly queryLanguage: QueryLanguage
  /** JSONPath only. Undefined: the whole input. Null: `{}`. */
  readonly inputPath: FieldValue | null | undefined
  readonly outputPath: FieldValue | null | undefined
  /** JSONata only. */
  readonly output: FieldValue | undefined
  /** Either language; evaluates to an object of name -> value. */
  readonly assign: FieldValue | undefined
}

interface Continuing {
  /** Undefined: `End: true`. */
  readonly next: string | undefined
}

/** The JSONPath fields between InputPath and OutputPath; JSONata's Arguments stand in `parameters`. */
interface Shaping {
  readonly parameters: FieldValue | undefined
  readonly resultSelector: FieldValue | undefined
  /** Undefined: `$`. Null: the result is discarded. */
  readonly resultPath: ResultPath | null | undefined
}

interface Guarded {
  readonly retry: readonly Retrier[]
  readonly catch: readonly Catcher[]
}

export interface PassState extends StateBase, Continuing, Shaping {
  readonly type: 'Pass'
  readonly result: Json | undefined
}

export interface TaskState extends StateBase, Continuing, Shaping, Guarded {
  readonly type: 'Task'
  readonly resource: TaskResource
  readonly timeoutSeconds: FieldValue | undefined
  readonly heartbeatSeconds: FieldValue | undefined
  /** Evaluates to the role's ARN (`Credentials.RoleArn`). */
  readonly credentialsRoleArn: FieldValue | undefined
  /** What is wrong with parameters that the called service would not take, in AWS's words. Given by those who know the service. */
  readonly checkParameters?: (parameters: Json) => readonly string[]
}

export type TaskPattern = 'request' | 'sync' | 'sync2' | 'waitForTaskToken'

export type TaskResource =
  /** `arn:aws:states:::lambda:invoke.waitForTaskToken`; for `aws-sdk:s3:getObject` the service is `aws-sdk:s3`. */
  | {
      readonly kind: 'service'
      readonly arn: string
      readonly service: string
      readonly action: string
      readonly pattern: TaskPattern
    }
  /** A bare Lambda function ARN. */
  | { readonly kind: 'lambda'; readonly arn: string }
  | { readonly kind: 'activity'; readonly arn: ActivityArn }

export interface ChoiceState extends StateBase {
  readonly type: 'Choice'
  readonly choices: readonly ChoiceRule[]
  readonly default: string | undefined
}

export interface ChoiceRule {
  readonly next: string
  matches(scope: EvaluationScope): Result<boolean, EvaluationFailure>
  readonly assign: FieldValue | undefined
  /** JSONata only. */
  readonly output: FieldValue | undefined
}

export interface WaitState extends StateBase, Continuing {
  readonly type: 'Wait'
  readonly until:
    | { readonly kind: 'seconds'; readonly value: FieldValue }
    | { readonly kind: 'timestamp'; readonly value: FieldValue }
}

export interface SucceedState extends StateBase {
  readonly type: 'Succeed'
}

export interface FailState extends StateBase {
  readonly type: 'Fail'
  /** Literals, ErrorPath/CausePath, or JSONata. */
  readonly error: FieldValue | undefined
  readonly cause: FieldValue | undefined
}

export interface ParallelState extends StateBase, Continuing, Shaping, Guarded {
  readonly type: 'Parallel'
  readonly branches: readonly Block[]
}

export interface MapState extends StateBase, Continuing, Shaping, Guarded {
  readonly type: 'Map'
  readonly processor: Block
  /** ItemsPath or Items; undefined: the effective input itself. */
  readonly items: FieldValue | undefined
  /** ItemSelector, or Parameters of old. */
  readonly itemSelector: FieldValue | undefined
  readonly maxConcurrency: FieldValue | undefined
  readonly distributed: DistributedMap | undefined
}

export interface DistributedMap {
  readonly executionType: 'STANDARD' | 'EXPRESS'
  /** As written, else made from the state's name; at most 40 characters. */
  readonly label: string
  readonly itemReader: ItemReader | undefined
  readonly itemBatcher: ItemBatcher | undefined
  readonly resultWriter: ResultWriter | undefined
  readonly toleratedFailureCount: FieldValue | undefined
  readonly toleratedFailurePercentage: FieldValue | undefined
}

export interface ItemReader {
  /** `s3:getObject` or `s3:listObjectsV2`. */
  readonly resource: string
  /** ReaderConfig as written, less MaxItems(Path). */
  readonly config: Json
  readonly parameters: FieldValue | undefined
  readonly maxItems: FieldValue | undefined
  /** ItemsPointer, JSONata or literal. */
  readonly itemsPointer: FieldValue | undefined
}

export interface ItemBatcher {
  readonly batchInput: FieldValue | undefined
  readonly maxItemsPerBatch: FieldValue | undefined
  readonly maxInputBytesPerBatch: FieldValue | undefined
}

export interface ResultWriter {
  /** WriterConfig as written. */
  readonly config: Json
  /** Undefined: results are transformed but not exported. */
  readonly resource: string | undefined
  readonly parameters: FieldValue | undefined
}

export interface Retrier {
  readonly errorEquals: readonly string[]
  readonly intervalSeconds: number
  readonly maxAttempts: number
  readonly backoffRate: number
  readonly maxDelaySeconds: number | undefined
  readonly jitterStrategy: 'NONE' | 'FULL'
}

export interface Catcher {
  readonly errorEquals: readonly string[]
  readonly next: string
  /** JSONPath only. Undefined: `$`. Null: the error output is discarded. */
  readonly resultPath: ResultPath | null | undefined
  /** JSONata only. */
  readonly output: FieldValue | undefined
  readonly assign: FieldValue | undefined
}
