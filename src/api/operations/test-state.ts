/** TestState. What is shown of the way of the data depends on the inspection level. */
import type { Inspection } from '../../engine/inspection.ts'

import type { TestConfiguration, TestedCall, TestedState } from '../../control/test-state.ts'
import type { Input } from '../input.ts'
import { DATA, DEFINITION } from '../members.ts'
import type { InputOf, OutputOf } from '../model.ts'
import type { Operations } from '../operation.ts'
import { present } from '../render.ts'

type Level = 'INFO' | 'DEBUG' | 'TRACE'
type Member<K extends keyof InputOf<'TestState'>> = NonNullable<InputOf<'TestState'>[K]>

export const testStateOperations = {
  async TestState({ testState }, input, signal) {
    const level = input.choice('inspectionLevel', ['INFO', 'DEBUG', 'TRACE']) ?? 'INFO'
    const request = {
      definition: input.text('definition', DEFINITION),
      stateName: input.optionalText('stateName', { min: 1, max: 80 }),
      roleArn: input.optionalText('roleArn', { min: 1, max: 256 }),
      input: input.optionalText('input', DATA),
      variables: input.optionalText('variables', DATA),
      context: input.optionalText('context', DATA),
      revealSecrets: input.flag('revealSecrets'),
      mock: input.nested('mock', readMock),
      configuration: input.nested('stateConfiguration', readConfiguration),
    }
    input.done()
    return render(await testState(request, signal), level)
  },
} satisfies Partial<Operations>

const readMock = (mock: Input<Member<'mock'>>) => ({
  result: mock.optionalText('result', DATA),
  errorOutput: mock.nested('errorOutput', (output) => ({
    error: output.optionalText('error', { max: 256 }),
    cause: output.optionalText('cause', { max: 32_768 }),
  })),
  fieldValidationMode: mock.choice('fieldValidationMode', ['STRICT', 'PRESENT', 'NONE']),
})

const readConfiguration = (configuration: Input<Member<'stateConfiguration'>>): TestConfiguration => ({
  retrierRetryCount: configuration.number('retrierRetryCount', { min: 0, max: Number.MAX_SAFE_INTEGER }),
  errorCausedByState: configuration.optionalText('errorCausedByState', { min: 1, max: 80 }),
  mapIterationFailureCount: configuration.number('mapIterationFailureCount', { min: 0, max: Number.MAX_SAFE_INTEGER }),
  mapItemReaderData: configuration.optionalText('mapItemReaderData', DATA),
})

function render(tested: TestedState, level: Level): OutputOf<'TestState'> {
  const { status, output, nextState, error, cause } = tested.outcome
  const inspectionData = level === 'INFO' ? undefined : renderInspection(tested, level)
  return present({ status, output: output?.text, nextState, error, cause, inspectionData })
}

function renderInspection({ outcome, input, variables, call }: TestedState, level: Level) {
  const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage, ...data } = outcome.inspection
  return present({
    input,
    ...textsOf(data),
    maxConcurrency,
    toleratedFailureCount,
    toleratedFailurePercentage,
    variables,
    errorDetails: outcome.errorDetails,
    ...(level === 'TRACE' && call?.resource.endsWith(':http:invoke') && exchangeOf(call)),
  })
}

type Data = Omit<Inspection, 'maxConcurrency' | 'toleratedFailureCount' | 'toleratedFailurePercentage'>

const textsOf = (data: Data): { readonly [K in keyof Data]?: string } =>
  Object.fromEntries(Object.entries(data).map(([name, payload]) => [name, payload.text]))

/** An HTTP Task's request and response. Secrets of its connection are not among them. */
function exchangeOf({ parameters, result }: TestedCall) {
  const asked = parameters as {
    readonly Method?: string
    readonly ApiEndpoint?: string
    readonly Headers?: unknown
    readonly RequestBody?: unknown
  }
  const answer = result as
    | { readonly StatusCode?: number; readonly StatusText?: string; readonly Headers?: unknown; readonly ResponseBody?: unknown }
    | undefined
  const text = (value: unknown) => (value === undefined || typeof value === 'string' ? value : JSON.stringify(value))
  const protocol = asked.ApiEndpoint?.split(':')[0]
  return {
    request: present({
      protocol,
      method: asked.Method,
      url: asked.ApiEndpoint,
      headers: text(asked.Headers),
      body: text(asked.RequestBody),
    }),
    response:
      answer &&
      present({
        protocol,
        statusCode: text(answer.StatusCode),
        statusMessage: answer.StatusText,
        headers: text(answer.Headers),
        body: text(answer.ResponseBody),
      }),
  }
}
