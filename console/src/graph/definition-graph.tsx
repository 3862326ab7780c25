/** A definition alone, as nothing runs in it. */
import { StateGraph } from './state-graph.tsx'

export default function DefinitionGraph({
  text,
  selected,
  onSelect,
}: {
  readonly text: string
  readonly selected?: string | undefined
  readonly onSelect?: (name: string) => void
}) {
  return <StateGraph text={text} statuses={new Map()} selected={selected} onSelect={onSelect ?? (() => {})} />
}
