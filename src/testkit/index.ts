/** Tests of workflows, in process: docs/testing.md. */
import type { Recording } from './record/recording.ts'
import type { Replayed, ReplayOptions } from './record/replay.ts'
import type { Workflow, WorkflowOptions } from './workflow.ts'

export { chaos, type Chaos } from './chaos.ts'
export { clock, type ClockOptions, type ClockSetting } from './clock.ts'
export { coverage, readCoverage, writeCoverage } from './reached.ts'
export type { Coverage } from './coverage/coverage.ts'
export type { CoverageKind, CoverageSummary, Covered } from './coverage/summary.ts'
export type { Thresholds } from './coverage/thresholds.ts'
export type { CoveredWorkflow } from './coverage/workflow-coverage.ts'
export type { CoverageReport } from './coverage/write.ts'
export type { Duration } from './duration.ts'
export { mock, TaskError, type Mock, type MockedCall, type MockFunction, type RealPlace } from './mock.ts'
export type { MockFileOptions } from './mock-file-case.ts'
export type { Mocks } from './mock-table.ts'
export { readHistoryFile } from './record/history-file.ts'
export type { RecordedCall, Recording } from './record/recording.ts'
export { readRecording, writeRecording } from './record/recording-file.ts'
export { type ChildHistories, type RecordedExecution, recordingOf } from './record/recording-of.ts'
export type { Replayed, ReplayOptions } from './record/replay.ts'
export { suiteOf } from './record/suite-of.ts'
export type { Run, StateRun, TaskAnswer } from './run.ts'
export type { StateTestOptions } from './state-test.ts'
export { stableHistory, type StableEvent, type StableHistory } from './expect/stable-history.ts'
export type { ErrorDetails, InspectionData, TestedState, TestedStatus } from './tested-state.ts'
export { SkippedOnTarget, skipReason, type StartOptions, type TargetName } from './target.ts'
export type {
  Expectation,
  StateExpectation,
  Suite,
  SuiteCase,
  SuiteMock,
  SuiteMocks,
  SuiteStep,
} from './suite/suite.ts'
export { TestKitError } from './kit-error.ts'
export type { ObjectBody, Workflow, WorkflowOptions } from './workflow.ts'

/** A workflow to be tested. Rejects with TestKitError where its definition is none. The engine is loaded with the first one. */
export async function workflow(options: WorkflowOptions): Promise<Workflow> {
  return await (await import('./workflow.ts')).workflow(options)
}

/** Runs a recording once more, through another definition where one is given, and tells what differs. Rejects with TestKitError. */
export async function replay(recording: Recording, options: ReplayOptions = {}): Promise<Replayed> {
  return await (await import('./record/replay.ts')).replay(recording, options)
}
