/** The machine was changed elsewhere since this text was begun: nothing is saved over it until a person has seen how they differ. */
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'

import { printSource } from '../../../src/source/print.ts'
import { readSource } from '../../../src/source/source.ts'
import { DiffView } from '../ui/diff-view.tsx'
import { useMessages } from '../messages/messages.tsx'

/** A definition on the server, and by which change it came to be. */
export interface Revision {
  readonly id: string
  readonly definition: string
}

interface EditorConflictProps {
  readonly theirs: Revision
  readonly mine: string
  readonly onTheirs: (revision: Revision) => void
  readonly onMine: (revision: Revision) => void
}

export function EditorConflict({ theirs, mine, onTheirs, onMine }: EditorConflictProps) {
  const { t } = useMessages()
  return (
    <Alert type="warning" header={t('conflict')}>
      <SpaceBetween size="s">
        <span>{t('conflictText')}</span>
        <DiffView label={t('conflict')} before={laidOut(theirs.definition)} after={laidOut(mine)} />
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => onTheirs(theirs)}>{t('takeTheirs')}</Button>
          <Button onClick={() => onMine(theirs)}>{t('keepMine')}</Button>
        </SpaceBetween>
      </SpaceBetween>
    </Alert>
  )
}

/** Alike in notation and layout, so that only what is meant differs. */
function laidOut(text: string): string {
  const source = readSource(text)
  return source.problems.length > 0 ? text : printSource(source, 'JSON')
}
