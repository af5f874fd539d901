import type { EngineHandlers } from '../../engine-host/contract.ts'
import { learn } from './learn.ts'
import { intervene, preview } from './preview.ts'

export const correctionHandlers: Pick<
  EngineHandlers,
  'corrections.preview' | 'corrections.intervene' | 'corrections.learn'
> = {
  'corrections.preview': preview,
  'corrections.intervene': intervene,
  'corrections.learn': learn,
}
