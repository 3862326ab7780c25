/** TestState. What is shown of the way of the data depends on the inspection level. */
import { PRINTED_BYTES_MAX } from '../../base/limits.ts'

import type { Inspection } from '../../engine/inspection.ts'

import type { TestConfiguration, TestedState } from '../../control/test-state.ts'
import type { Input } from '../input.ts'
import type { InputOf, OutputOf } from '../model.ts'
import type { Operations } from '../operation.ts'
import { present } from '../render.ts'

type HttpExchange = NonNullable<TestedState['exchange']>
type Level = 'INFO' | 'DEBUG' | 'TRACE'
type Member<K extends keyof InputOf<'TestState'>> = NonNullable<InputOf<'TestState'>[K]>

export const testStateOperations = {
  async TestState({ testState }, input, { signal }) {
    const level = input.choice('inspectionLevel', ['INFO', 'DEBUG', 'TRACE']) ?? 'INFO'
    const request = {
      definition: input.text('definition', input.bounds.definition),
      stateName: input.optionalText('stateName', { min: 1, max: 80 }),
      roleArn: input.optionalText('roleArn', { min: 1, max: 256 }),
      input: input.optionalText('input', input.bounds.data),
      variables: input.optionalText('variables', input.bounds.data),
      context: input.optionalText('context', input.bounds.data),
      revealSecrets: input.flag('revealSecrets'),
      mock: input.nested('mock', readMock),
      configuration: input.nested('stateConfiguration', readConfiguration),
    }
    input.done()
    return renderTestedState(await testState(request, signal), level, request.revealSecrets === true)
  },
} satisfies Partial<Operations>

const readMock = (mock: Input<Member<'mock'>>) => ({
  result: mock.optionalText('result', mock.bounds.data),
  errorOutput: mock.nested('errorOutput', (output) => ({
    error: output.optionalText('error', output.bounds.error),
    cause: output.optionalText('cause', output.bounds.cause),
  })),
  fieldValidationMode: mock.choice('fieldValidationMode', ['STRICT', 'PRESENT', 'NONE']),
})

const readConfiguration = (configuration: Input<Member<'stateConfiguration'>>): TestConfiguration => ({
  retrierRetryCount: configuration.number('retrierRetryCount', { min: 0, max: Number.MAX_SAFE_INTEGER }),
  errorCausedByState: configuration.optionalText('errorCausedByState', { min: 1, max: 80 }),
  mapIterationFailureCount: configuration.number('mapIterationFailureCount', { min: 0, max: Number.MAX_SAFE_INTEGER }),
  mapItemReaderData: configuration.optionalText('mapItemReaderData', configuration.bounds.data),
})

/** As the API answers it. */
export function renderTestedState(tested: TestedState, level: Level, revealSecrets: boolean): OutputOf<'TestState'> {
  const { status, output, nextState, error, cause } = tested.outcome
  const inspectionData = level === 'INFO' ? undefined : renderInspection(tested, level, revealSecrets)
  return present({ status, output: output?.text, nextState, error, cause, inspectionData })
}

function renderInspection({ outcome, input, variables, exchange }: TestedState, level: Level, revealSecrets: boolean) {
  const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage, ...data } = outcome.inspection
  return present({
    input,
    ...textsOf(data),
    maxConcurrency,
    toleratedFailureCount,
    toleratedFailurePercentage,
    variables,
    errorDetails: outcome.errorDetails,
    ...(level === 'TRACE' && exchange && renderExchange(exchange, revealSecrets)),
  })
}

type Data = Omit<Inspection, 'maxConcurrency' | 'toleratedFailureCount' | 'toleratedFailurePercentage'>

const textsOf = (data: Data): { readonly [K in keyof Data]?: string } =>
  Object.fromEntries(
    Object.entries(data).map(([name, payload]) => [name, payload.fit(PRINTED_BYTES_MAX) === 'fits' ? payload.text : '"…"']),
  )

function renderExchange({ request, withoutSecrets, response }: HttpExchange, revealSecrets: boolean) {
  const { method, url, headers, body } = revealSecrets ? request : withoutSecrets
  const protocol = url.split(':')[0]
  return {
    request: present({ protocol, method, url, headers: JSON.stringify(headers), body }),
    response:
      response &&
      present({
        protocol,
        statusCode: `${response.status}`,
        statusMessage: response.statusText,
        headers: JSON.stringify(response.headers),
        body: response.body,
      }),
  }
}
