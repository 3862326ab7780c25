import { expect, test } from 'vitest'

import { drawGraph } from '../../../src/asl/graph.ts'
import { boxesOf, pathAlong, placedNodes } from './layout.ts'

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

test('routes within a container are moved to the whole drawing', () => {
  const graph = drawGraph(DOCUMENT)
  const box = boxesOf(graph, 'DOWN')
  const section = { startPoint: { x: 1, y: 2 }, endPoint: { x: 3, y: 4 } }
  const each = { ...box.children?.find(({ children }) => children), id: '/States/Each', x: 100, y: 50 }
  const edges = [
    { id: '7', sources: [], targets: [], sections: [section], labels: [{ text: 'a', width: 10, height: 4, x: 0, y: 0 }] },
  ]
  const { routes } = placedNodes({ ...box, children: [{ ...each, edges }] }, graph)
  expect(routes.get(7)).toEqual({
    points: [
      { x: 101, y: 52 },
      { x: 103, y: 54 },
    ],
    label: { x: 105, y: 52 },
  })
})

test('corners are rounded, ends are not', () => {
  const corner = [
    { x: 0, y: 0 },
    { x: 0, y: 100 },
    { x: 8, y: 100 },
  ]
  expect(pathAlong(corner)).toBe('M0 0L0 90Q0 100 4 100L8 100')
  expect(pathAlong([])).toBe('')
})
