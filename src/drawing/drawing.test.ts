import { describe, expect, test } from 'vitest'

import type { JsonObject } from '../base/json.ts'

import { drawGraph } from '../asl/graph.ts'

import { dotOf } from './dot.ts'
import { type Box, layOutGraph } from './layout.ts'
import { mermaidOf } from './mermaid.ts'
import { svgOf } from './svg.ts'

const HOSTILE = `</text><script>"a"&\`b\`\\n{x};|$$y$$`
const DEFINITION: JsonObject = {
  StartAt: 'Check',
  States: {
    Check: {
      Type: 'Choice',
      Choices: [{ Variable: '$.n', NumericGreaterThan: 1, Next: 'Both' }],
      Default: 'Wait',
    },
    Wait: { Type: 'Wait', Seconds: 1, Next: 'Check' },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', End: true } } },
        { StartAt: HOSTILE, States: { [HOSTILE]: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } } },
      ],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Lost' }],
      End: true,
    },
    Lost: { Type: 'Fail' },
  },
}
const graph = drawGraph(DEFINITION)
const chain = (count: number, more: (i: number) => JsonObject = () => ({})): JsonObject => ({
  StartAt: 'S0',
  States: Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `S${i}`,
      { Type: 'Pass', ...(i === count - 1 ? { End: true } : { Next: `S${i + 1}` }), ...more(i) },
    ]),
  ),
})

describe('a layout', () => {
  const { boxes, routes, width, height } = layOutGraph(graph)
  const boxNamed = (name: string): Box => boxes.find(({ node }) => node.name === name) ?? expect.unreachable(name)
  const isWithin = (inner: Box, outer: Box) =>
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  const isApart = (a: Box, b: Box) =>
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y

  test('keeps states apart, and within what holds them', () => {
    expect(boxes).toHaveLength(9)
    for (const a of boxes) {
      expect(isWithin(a, { ...a, x: 0, y: 0, width, height })).toBe(true)
      for (const b of boxes) if (a !== b) expect(isApart(a, b) || isWithin(a, b) || isWithin(b, a)).toBe(true)
    }
    for (const inner of ['A', 'B', HOSTILE]) expect(isWithin(boxNamed(inner), boxNamed('Both'))).toBe(true)
  })

  test('leads downward, but for what goes back', () => {
    const upward = routes.filter(({ points }) => (points.at(-1)?.y ?? 0) < (points[0]?.y ?? 0))
    expect(upward.map(({ edge }) => [edge.from, edge.to])).toEqual([['/States/Wait', '/States/Check']])
    expect(boxNamed('Check').y).toBeLessThan(boxNamed('Both').y)
  })

  test('has room for the labels beside one another', () => {
    const labels = routes.flatMap(({ edge, label }) => (edge.from === '/States/Check' && label ? [label] : []))
    expect(labels).toHaveLength(2)
    expect(Math.abs((labels[0]?.x ?? 0) - (labels[1]?.x ?? 0))).toBeGreaterThan(60)
  })

  test('is the same each time', () => expect(layOutGraph(graph)).toEqual(layOutGraph(drawGraph(structuredClone(DEFINITION)))))

  test('is there for what is half written, for a loop of one state, and for nothing at all', () => {
    expect(layOutGraph(drawGraph({})).boxes.map(({ node }) => node.name)).toEqual(['Start', 'End'])
    expect(layOutGraph(drawGraph({ States: { A: { Type: 'Pass', Next: 'A' }, B: {} } })).boxes).toHaveLength(4)
  })

  test('of thousands of states that all lead to one more is there', () => {
    const many = drawGraph(
      chain(3_000, (i) => ({ Type: 'Task', Catch: [{ ErrorEquals: ['E'], Next: 'S2999' }], Comment: `${i}` })),
    )
    expect(layOutGraph(many).routes).toHaveLength(many.edges.length)
  })
})

test('a picture takes the colours of a caller, and tips of arrows with them', () => {
  const svg = svgOf(graph, {
    ofNode: ({ name }) => (name === 'Wait' ? { line: '#111111', fill: '#222222' } : undefined),
    ofEdge: ({ to }) => (to === '/States/Wait' ? { line: '#333333' } : undefined),
  })
  expect(svg).toMatch(/fill="#222222" stroke="#111111" stroke-width="1.5"\/><text [^>]*>Wait</)
  expect(svg).toContain('<marker id="tip-333333"')
  expect(svg).toContain('stroke="#333333" stroke-width="1.5" marker-end="url(#tip-333333)"')
  expect(svgOf(graph)).not.toContain('tip-')
})

describe('what a definition holds stays text', () => {
  test('in SVG', () => {
    const svg = svgOf(graph)
    expect(svg).toContain('&lt;/text&gt;&lt;script&gt;"a"&amp;')
    expect(svg).not.toContain('<script')
    expect(svg.match(/<rect /g)).toHaveLength(10)
    expect(svg).toContain('Task · sqs:sendMessage')
    expect(svg).toContain('stroke-dasharray')
  })

  test('in Mermaid', () => {
    const text = mermaidOf(graph)
    expect(text).toContain('#60;/text#62;#60;script#62;#34;a#34;#38;#96;b#96;#92;n{x}#59;#124;#36;#36;y#36;#36;')
    expect(text.split('\n').slice(0, 8)).toEqual([
      'flowchart TD',
      '  s0(["Start"])',
      '  s1{"Check"}',
      '  s2["Wait"]',
      '  subgraph s3["Both"]',
      '    s7["A"]',
      '    s8["B"]',
      '    s7 --> s8',
    ])
    expect(text).toContain('  s1 -->|"$.n #62; 1"| s3\n')
    expect(text).toContain('  s3 -.->|"States.ALL"| s4\n')
  })

  test('in DOT', () => {
    const text = dotOf(graph)
    expect(text).toContain(String.raw`label="</text><script>\"a\"&` + String.raw`\`b\`\\n{x};|$$y$$"`.replaceAll('\\`', '`'))
    expect(text).toContain('  subgraph cluster_s3 {\n    label="Both"\n    s3 [shape=point style=invis]\n')
    expect(text).toContain('  s3 -> s4 [label="States.ALL" style=dashed ltail=cluster_s3]\n')
  })
})
