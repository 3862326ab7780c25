/**
 * docs/coverage.md is what the tables say that dispatch requests. After a change of them:
 * `node node_modules/vitest/vitest.mjs run test/coverage-docs.test.ts -u`.
 */
import { expect, test } from 'vitest'

import { apiOf, type ApiName } from '../src/aws/operations.ts'
import { OPERATIONS } from '../src/api/handler.ts'
import { type Coverage, coverageOf } from '../src/services/coverage.ts'
import { startTestServices } from '../src/services/kit/testing/services.ts'
import { SERVICE_NAMES } from '../src/services/router.ts'

async function coverage(): Promise<Coverage> {
  const services = startTestServices()
  const { operations, ...others } = services.inventory()
  const told = coverageOf({ ...others, operations: { ...operations, states: Object.keys(OPERATIONS) } })
  await services.close()
  return told
}

const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

function printCoverage({ services, resourceTypes }: Coverage): string {
  const parts = Object.entries(services).toSorted(([, a], [, b]) => (a.title < b.title ? -1 : 1))
  const rows = parts.map(
    ([name, { title, implemented, absent }]) =>
      `| [${title}](#${title.toLowerCase().replaceAll(' ', '-')}) | \`${name}\` | ${implemented.length} | ${absent.length} |`,
  )
  const sections = parts.map(([, { title, implemented, absent }]) =>
    [`## ${title}`, `Here: ${list(implemented)}.`, ...(absent.length === 0 ? [] : [`Not here: ${list(absent)}.`])].join('\n\n'),
  )
  const types = resourceTypes.length === 0 ? [] : [`## Resource types of CloudFormation\n\n${list(resourceTypes)}.`]
  return `${[
    `# Coverage

Which operations of AWS's services are here. What AWS has and Regente does not is answered 501 \`NotImplemented\`, in the protocol of the
service, with a sentence that names it; what AWS does not have, as AWS answers it. \`GET /_regente/coverage\` tells the same as JSON, of the
server that is asked. Made from the code: \`test/coverage-docs.test.ts\`.`,
    `| service | in JSON | here | not here |\n|---|---|---|---|\n${rows.join('\n')}`,
    ...sections,
    ...types,
  ].join('\n\n')}\n`
}

test('docs/coverage.md tells what is here', async () => {
  await expect(printCoverage(await coverage())).toMatchFileSnapshot('../docs/coverage.md')
})

test('every service tells what it has, and has nothing that AWS does not', async () => {
  const { services } = await coverage()
  expect(Object.keys(services)).toEqual(SERVICE_NAMES.toSorted())
  const strange = Object.entries(services).flatMap(([name, { implemented }]) =>
    implemented.filter((operation) => !apiOf(name as ApiName).has(operation)),
  )
  expect(strange).toEqual([])
})
