/** What is done with the text as a whole: laid out anew, turned into the other notation, read from a file and written to one. */
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { type ReactNode, useState } from 'react'

import { countComments, printSource } from '../../../src/source/print.ts'
import { type Notation, notationOf, readSource } from '../../../src/source/source.ts'
import { download } from '../ui/download.ts'
import { useMessages } from '../messages/messages.tsx'

interface EditorToolsProps {
  readonly text: string
  readonly name: string
  readonly onText: (text: string) => void
  readonly children: ReactNode
}

export function EditorTools({ text, name, onText, children }: EditorToolsProps) {
  const { t } = useMessages()
  const [lost, setLost] = useState(0)
  const notation = notationOf(text)
  const print = (into: Notation) => onText(printed(text, into))
  const convert = () => {
    const comments = countComments(readSource(text))
    if (comments > 0) setLost(comments)
    else print(notation === 'JSON' ? 'YAML' : 'JSON')
  }
  return (
    <div className="toolbar">
      {children}
      <button type="button" onClick={() => print(notation)}>
        {t('format')}
      </button>
      <button type="button" onClick={convert}>
        {t(notation === 'JSON' ? 'toYaml' : 'toJson')}
      </button>
      <label className="file">
        {t('upload')}
        <input
          type="file"
          accept=".json,.yaml,.yml,.asl"
          onChange={(event) => void event.target.files?.[0]?.text().then(onText)}
        />
      </label>
      <button type="button" onClick={() => saveFile(name, text)}>
        {t('download')}
      </button>
      {lost > 0 && (
        <Modal
          visible
          header={t('toJson')}
          closeAriaLabel={t('close')}
          onDismiss={() => setLost(0)}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => setLost(0)}>{t('cancel')}</Button>
                <Button
                  variant="primary"
                  onClick={() => {
                    setLost(0)
                    print('JSON')
                  }}
                >
                  {t('toJson')}
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          {t('commentsLost', { n: lost })}
        </Modal>
      )}
    </div>
  )
}

function saveFile(name: string, text: string): void {
  const isJson = notationOf(text) === 'JSON'
  download(new Blob([text]), `${name === '' ? 'workflow' : name}.asl.${isJson ? 'json' : 'yaml'}`)
}

/** What cannot be read is left as it is; the problems say why. */
function printed(text: string, notation: Notation): string {
  const source = readSource(text)
  return source.problems.length > 0 ? text : printSource(source, notation)
}
