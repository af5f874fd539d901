import type { Command } from '../../command.ts'
import { takeStep } from './shared.ts'

export const undo: Command = {
  summary: 'Takes back the latest edit of the name that edits are signed with.',
  operands: ['PROJECT'],
  options: {},
  json:
    '`{undone, undo, redo}`: what was taken back, and what undo and redo would do now. Without an edit to take ' +
    'back the exit code is 1.',
  run: takeStep('undo'),
}
