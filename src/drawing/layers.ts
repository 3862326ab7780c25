/**
 * A graph in rows: each edge leads downward, but for those that close a circle; long ones pass through a joint in every row
 * between, so that they go around what stands there. Nodes stand in the even rows, labels in the odd ones.
 * Source: Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures" (1981); rows by the
 * longest path, order by barycentres.
 */

/** By the index of its node. */
export interface Link {
  readonly from: number
  readonly to: number
  readonly labelWidth: number
}

export interface Item {
  /** Of the room that it takes in its row. */
  readonly width: number
  readonly row: number
  readonly above: Item[]
  readonly below: Item[]
  /** The middle. */
  x: number
}

export interface Layers {
  readonly rows: readonly (readonly Item[])[]
  readonly items: readonly Item[]
  /** By the link's index, from its upper end to its lower one; empty for a link of a node to itself. */
  readonly joints: readonly (readonly Item[])[]
  /** Links that lead upward. */
  readonly isUpward: readonly boolean[]
}

const JOINT_WIDTH = 12
const JOINTS_MAX = 30_000
const SWEEPS = 8
const GAP = 28

export function layOut(widths: readonly number[], links: readonly Link[], first: number): Layers {
  const { order, isUpward } = walk(widths.length, links, first)
  const downward = links.map(({ from, to }, index) => (isUpward[index] ? { from: to, to: from } : { from, to }))
  const layers = longestPaths(order, downward)
  const items: Item[] = widths.map((width, index) => newItem(width, 2 * (layers[index] ?? 0)))
  const rows: Item[][] = []
  const add = (item: Item) => (rows[item.row] ??= []).push(item)
  for (const index of order) {
    const item = items[index]
    if (item) add(item)
  }
  const spans = downward.map(({ from, to }) => (items[to]?.row ?? 0) - (items[from]?.row ?? 0))
  const isRouted = spans.reduce((sum, span) => sum + span, 0) <= JOINTS_MAX
  const joints = downward.map(({ from, to }, index) => {
    const [upper, lower] = [items[from], items[to]]
    if (!upper || !lower || upper === lower || (!isRouted && lower.row - upper.row > 2)) return []
    const labelRow = isUpward[index] ? lower.row - 1 : upper.row + 1
    return joined(upper, lower, labelRow, links[index]?.labelWidth ?? 0, add)
  })
  const filled = Array.from({ length: rows.length }, (_, index) => rows[index] ?? [])
  sortRows(filled)
  placeRows(filled)
  return { rows: filled, items, joints, isUpward }
}

const newItem = (width: number, row: number): Item => ({ width, row, above: [], below: [], x: 0 })

function joined(upper: Item, lower: Item, labelRow: number, labelWidth: number, add: (item: Item) => void): Item[] {
  const chain: Item[] = []
  for (let row = upper.row + 1; row < lower.row; row++) {
    const joint = newItem(row === labelRow ? Math.max(JOINT_WIDTH, labelWidth) : JOINT_WIDTH, row)
    chain.push(joint)
    add(joint)
  }
  const all = [upper, ...chain, lower]
  for (const [index, item] of all.entries()) {
    const next = all[index + 1]
    if (!next) break
    item.below.push(next)
    next.above.push(item)
  }
  return chain
}

/** Nodes in an order in which each comes before those that it leads to, but by the links that close a circle. */
function walk(count: number, links: readonly Link[], first: number) {
  const outgoing: { readonly to: number; readonly index: number }[][] = Array.from({ length: count }, () => [])
  for (const [index, { from, to }] of links.entries()) if (from !== to) outgoing[from]?.push({ to, index })
  const isUpward = links.map(() => false)
  const marks = new Array<'new' | 'open' | 'done'>(count).fill('new')
  const finished: number[] = []
  for (const root of [first, ...marks.keys()]) {
    if (marks[root] !== 'new') continue
    marks[root] = 'open'
    const stack = [{ node: root, next: 0 }]
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      // From the last to the first, so that the reversed order has them as they are written.
      const all = outgoing[top.node] ?? []
      const link = all[all.length - 1 - top.next++]
      if (link === undefined) {
        marks[top.node] = 'done'
        finished.push(top.node)
        stack.pop()
      } else if (marks[link.to] === 'open') isUpward[link.index] = true
      else if (marks[link.to] === 'new') {
        marks[link.to] = 'open'
        stack.push({ node: link.to, next: 0 })
      }
    }
  }
  return { order: finished.reverse(), isUpward }
}

function longestPaths(order: readonly number[], links: readonly { readonly from: number; readonly to: number }[]): number[] {
  const below = Map.groupBy(links, ({ from }) => from)
  const layers = new Array<number>(order.length).fill(0)
  for (const node of order)
    for (const { to } of below.get(node) ?? []) if (to !== node) layers[to] = Math.max(layers[to] ?? 0, (layers[node] ?? 0) + 1)
  return layers
}

/** Each item near the middle of what it is linked to, so that few links cross. */
function sortRows(rows: Item[][]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0
    const places = new Map<Item, number>()
    for (const row of isDown ? rows : rows.toReversed()) {
      const wanted = new Map(
        row.map((item, index) => [
          item,
          mean((isDown ? item.above : item.below).map((other) => places.get(other) ?? index)) ?? index,
        ]),
      )
      row.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0))
      for (const [index, item] of row.entries()) places.set(item, index)
    }
  }
}

/** Each item as near to the middle of what it is linked to as its neighbours let it. */
function placeRows(rows: readonly Item[][]): void {
  for (const row of rows)
    spread(
      row,
      row.map(() => 0),
    )
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0
    for (const row of isDown ? rows : rows.toReversed())
      spread(
        row,
        row.map((item) => mean((isDown ? item.above : item.below).map(({ x }) => x)) ?? item.x),
      )
  }
}

/** Pushed to the right as far as must be, and to the left: the mean of both keeps the distances, too. */
function spread(row: readonly Item[], wanted: readonly number[]): void {
  const distances = row.map((item, index) => (item.width + (row[index - 1]?.width ?? 0)) / 2 + GAP)
  const right = [...wanted]
  for (let i = 1; i < row.length; i++) right[i] = Math.max(wanted[i] ?? 0, (right[i - 1] ?? 0) + (distances[i] ?? 0))
  const left = [...wanted]
  for (let i = row.length - 2; i >= 0; i--) left[i] = Math.min(wanted[i] ?? 0, (left[i + 1] ?? 0) - (distances[i + 1] ?? 0))
  for (const [index, item] of row.entries()) item.x = ((right[index] ?? 0) + (left[index] ?? 0)) / 2
}

const mean = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0 ? undefined : numbers.reduce((sum, one) => sum + one, 0) / numbers.length
