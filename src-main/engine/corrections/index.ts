import type { EngineHandlers } from '../contract.ts'
import { learn } from './learn.ts'
import { preview } from './preview.ts'

export const correctionHandlers: Pick<EngineHandlers, 'corrections.preview' | 'corrections.learn'> = {
  'corrections.preview': preview,
  'corrections.learn': learn,
}
