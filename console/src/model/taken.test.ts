import { expect, test } from 'vitest'

import { drawGraph } from '../../../src/asl/graph.ts'
import { statusByState } from '../../../src/history/state-status.ts'
import { history } from '../../../src/history/test-history.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { boxesOf, placedNodes } from './layout.ts'
import { takenEdges } from './taken.ts'

const DOCUMENT = {
  StartAt: 'Pick',
  States: {
    Pick: { Type: 'Choice', Choices: [{ Variable: '$', BooleanEquals: true, Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Pass', End: true },
    No: { Type: 'Pass', End: true },
  },
}

test('the way that was gone is told from those that were not', () => {
  const graph = drawGraph(DOCUMENT)
  const layout = placedNodes(boxesOf(graph, 'DOWN'), graph)
  const run = foldHistory(
    history(
      ['ChoiceStateEntered', 0, { name: 'Pick' }],
      ['ChoiceStateExited', 1, { name: 'Pick' }],
      ['PassStateEntered', 2, { name: 'Yes' }],
      ['PassStateExited', 3, { name: 'Yes' }],
    ),
  )
  const taken = takenEdges(layout, statusByState(run))
  const nameOf = (id: string) => layout.nodes.find(({ node }) => node.id === id)?.node.name
  expect(
    [...taken].map((index) => layout.edges[index]).map((edge) => edge && `${nameOf(edge.from)} to ${nameOf(edge.to)}`),
  ).toEqual(['Start to Pick', 'Pick to Yes', 'Yes to End'])
})
