/** The way of a visit's data, from what came in to what went out. Steps that changed nothing are folded. */
import { useMemo } from 'react'

import type { Run, Visit } from '../../../src/history/visits.ts'
import { dataFlowOf, type ExecutionFacts, type StepName } from '../model/data-flow.ts'
import { stateText, usesChance } from '../model/state-text.ts'
import { JsonView } from '../ui/json-view.tsx'
import { useMessages } from '../messages/messages.tsx'

interface DataFlowProps {
  readonly visit: Visit
  readonly run: Run
  readonly facts: ExecutionFacts
}

export default function DataFlow({ visit, run, facts }: DataFlowProps) {
  const { t } = useMessages()
  const steps = useMemo(() => dataFlowOf(visit, run, facts), [visit, run, facts])
  const isByChance = useMemo(() => usesChance(stateText(facts.definition, visit.name) ?? ''), [facts.definition, visit.name])
  const wordOf = (name: StepName): string => {
    if (name === 'input') return t('stateInput')
    if (name === 'output') return t('stateOutput')
    return name === 'result' ? t('result') : name
  }
  return (
    <>
      {isByChance && steps.some(({ isRecorded }) => !isRecorded) && <p role="note">⚠ {t('chanceNote')}</p>}
      <ol className="steps">
        {steps.map(({ name, text, isRecorded, isSame }) => (
          <li key={name}>
            <details open={!isSame}>
              <summary>
                <b>{wordOf(name)}</b> {isSame ? t('unchanged') : !isRecorded && t('workedOut')}
              </summary>
              <JsonView label={wordOf(name)} text={text} />
            </details>
          </li>
        ))}
      </ol>
    </>
  )
}
