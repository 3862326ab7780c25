/** Tests of workflows, in process: docs/testing.md. */
export { clock, type ClockOptions, type ClockSetting } from './clock.ts'
export type { Duration } from './duration.ts'
export { mock, TaskError, type Mock, type MockedCall, type MockFunction } from './mock.ts'
export type { Mocks } from './mock-table.ts'
export type { Run, StateRun, TaskAnswer } from './run.ts'
export type {
  Expectation,
  StateExpectation,
  Suite,
  SuiteCase,
  SuiteMock,
  SuiteMocks,
  SuiteStep,
} from './suite/suite.ts'
export { TestKitError } from './test-kit-error.ts'
export { workflow, type Workflow, type WorkflowOptions } from './workflow.ts'
