/**
 * A definition of 1 MB (the largest that AWS takes): check and compile, each beside JSON.parse of the same text.
 * Run: node_modules/.bin/node bench/compile.ts
 */
import { checkDefinition } from '../src/asl/check.ts'
import { compileDefinition } from '../src/asl/compile.ts'

const BYTES = 1_000_000

function definitionOf(isJsonata: boolean): string {
  const States: Record<string, object> = {}
  const size = () => JSON.stringify(States).length
  for (let i = 0; i % 100 > 0 || size() < BYTES; i++) {
    States[`Call ${i}`] = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      ...(isJsonata
        ? {
            Arguments: {
              FunctionName: 'f',
              Payload: `{% { 'order': $states.input.order, 'n': $count($states.input.items[price > ${i}]) } %}`,
            },
            Output: '{% $states.result.Payload %}',
          }
        : {
            Parameters: {
              FunctionName: 'f',
              'Payload.$': '$.order.items[0]',
              Text: 'x',
              'Id.$': "States.Format('{}-{}', $.a, $$.State.Name)",
            },
            ResultPath: '$.result',
          }),
      Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
      Next: `Call ${i + 1}`,
    }
  }
  const count = Object.keys(States).length
  States[`Call ${count}`] = { Type: 'Succeed' }
  States['Failed'] = { Type: 'Fail' }
  return JSON.stringify({ ...(isJsonata && { QueryLanguage: 'JSONata' }), StartAt: 'Call 0', States })
}

function best(run: () => unknown): string {
  let ms = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const begun = performance.now()
    run()
    ms = Math.min(ms, performance.now() - begun)
  }
  return `${ms.toFixed(0)} ms`
}

for (const isJsonata of [false, true]) {
  const text = definitionOf(isJsonata)
  const found = checkDefinition(text, { type: 'STANDARD' })
  if (found.length > 0) throw new Error(JSON.stringify(found[0]))
  console.log(`${isJsonata ? 'JSONata ' : 'JSONPath'}, ${text.length.toLocaleString('en')} characters`)
  console.log(`  JSON.parse         ${best(() => JSON.parse(text))}`)
  console.log(`  compile            ${best(() => compileDefinition(text))}`)
  console.log(`  check and compile  ${best(() => checkDefinition(text, { type: 'STANDARD' }))}`)
}
