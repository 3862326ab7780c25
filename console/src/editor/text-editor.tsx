/** Code of any language: lines, search, indentation. Tab leaves it, as it leaves any field. */
import { Compartment, EditorState, Prec } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { EDITOR_PHRASES } from '../messages/phrases.ts'
import { codeLook } from './look.ts'
import { useShownText } from './shown-text.ts'

interface TextEditorProps {
  readonly text: string
  readonly label: string
  readonly isReadOnly: boolean
  readonly onChange: (text: string) => void
  /** `Ctrl+S`. */
  readonly onSave: () => void
}

export default function TextEditor(props: TextEditorProps) {
  const { text, label, isReadOnly } = props
  const { language } = useMessages()
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const words = useRef(new Compartment())
  const current = useRef(props)
  current.current = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes goes in below
  useEffect(() => {
    if (!place.current) return
    const save = () => {
      current.current.onSave()
      return true
    }
    const editor = new EditorView({
      parent: place.current,
      doc: text,
      extensions: [
        ...[basicSetup, codeLook, EditorView.lineWrapping, words.current.of([])],
        Prec.highest(keymap.of([{ key: 'Mod-s', preventDefault: true, run: save }])),
        EditorView.updateListener.of(({ docChanged, state }) => docChanged && current.current.onChange(state.doc.toString())),
      ],
    })
    view.current = editor
    return () => editor.destroy()
  }, [])
  useShownText(view, text)
  useEffect(() => {
    const attributes = EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })
    const phrases = EditorState.phrases.of(EDITOR_PHRASES[language])
    view.current?.dispatch({
      effects: words.current.reconfigure([attributes, phrases, EditorState.readOnly.of(isReadOnly)]),
    })
  }, [label, language, isReadOnly])
  return <div className="code source" ref={place} />
}
