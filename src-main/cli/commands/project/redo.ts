import type { Command } from '../../command.ts'
import { takeStep } from './shared.ts'

export const redo: Command = {
  summary: 'Makes the edit of that name again that was undone last.',
  operands: ['PROJECT'],
  options: {},
  json: '`{redone, undo, redo}`.',
  run: takeStep('redo'),
}
