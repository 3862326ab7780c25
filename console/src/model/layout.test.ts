import { expect, test } from 'vitest'

import { drawGraph } from '../../../src/asl/graph.ts'
import { boxesOf, placedNodes } from './layout.ts'

const DOCUMENT = {
  StartAt: 'Each',
  States: {
    Each: { Type: 'Map', ItemProcessor: { StartAt: 'Do', States: { Do: { Type: 'Pass', End: true } } }, Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
}

test('a container holds the states of its blocks; only the machine has a start and an end', () => {
  const root = boxesOf(drawGraph(DOCUMENT), 'DOWN')
  expect(root.children?.map(({ children }) => children?.length ?? 0)).toContain(1)
  const ids = JSON.stringify(root)
  expect(ids.match(/#start"/g)?.length).toBeGreaterThan(0)
  expect(root.children).toHaveLength(4)
  expect(root.edges).toHaveLength(3)
})

test('what was laid out comes back with its parent', () => {
  const graph = drawGraph(DOCUMENT)
  const { nodes } = placedNodes(boxesOf(graph, 'RIGHT'), graph)
  const inner = nodes.find(({ node }) => node.name === 'Do')
  expect(nodes.find(({ node }) => node.id === inner?.parent)?.node.name).toBe('Each')
})
