/** The workflow, dark where it spends its time, with a red edge where it meets failures. */
import { useMemo, useState } from 'react'

import { StateGraph } from '../graph/state-graph.tsx'

interface HeatGraphProps {
  readonly text: string
  readonly heat: ReadonlyMap<string, number>
  readonly failing: ReadonlySet<string>
}

export default function HeatGraph({ text, heat, failing }: HeatGraphProps) {
  const [selected, select] = useState<string>()
  const statuses = useMemo(
    () => new Map([...failing].map((name) => [name, { status: 'failed', visits: [], retries: 0 } as const])),
    [failing],
  )
  return <StateGraph text={text} statuses={statuses} selected={selected} onSelect={select} heat={heat} />
}
